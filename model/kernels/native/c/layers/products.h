/* Several matrices times a few tokens in one phase of the pool, and the experts of a layer. */
#ifndef LECTERN_PRODUCTS_H
#define LECTERN_PRODUCTS_H

#include "decode.h"

typedef struct {
    lectern_matrix w;
    lectern_input x;
    float *out; /* [tokens][rows] */
    int first_chunk, groups;
} product;

typedef struct {
    int count, chunks;
    product parts[];
} products;

/* The arguments live until pool_leave, in products_kept(most) bytes of what was reserved. At most `most` products are
   added. */
products *products_new(int most);
size_t products_kept(int most);
void products_add(products *p, const lectern_matrix *w, const lectern_input *x, float *out);
void products_run(products *p);

typedef struct {
    int expert, token;
    float weight;
} expert_pair;

/* Pairs [first, first + count) go through one expert. */
typedef struct {
    int expert, first, count;
} expert_group;

/* Which tokens go through which experts, sorted by expert so that each is read once. */
typedef struct {
    expert_pair *pairs;
    expert_group *groups;
    int pair_count, group_count;
} experts_plan;

void experts_read_ahead(const experts_plan *plan, const lectern_layer *l);
void experts_choose(experts_plan *plan, const lectern_layer *l, float *scores, int tokens);
void experts_gather(const experts_plan *plan, const float *x, int hidden, float *gathered);
void experts_open(const experts_plan *plan, const lectern_layer *l, const lectern_input *x, float *out, products *p);
void experts_close(const experts_plan *plan, const lectern_layer *l, const lectern_input *x, int tokens, float *out);
size_t experts_kept(const lectern_layer *l, int tokens); /* the part of the reserved bytes that experts_close takes */

#endif
