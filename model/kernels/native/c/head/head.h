/* The LM head: what head.c, which computes logits, and head_table.c, which makes the planes and lists words, share. */
#ifndef LECTERN_HEAD_H
#define LECTERN_HEAD_H

#include <string.h>

#include "system/pool.h"

enum { HEAD_LINE = 128, HEAD_GROUP = 32 };

/* A table [rows, columns] in 8 bits as two planes; columns are a multiple of 64. Of HEAD_LINE columns, the first 64 are
   in the low halves of 64 bytes, the others in the high halves; a row's last line may be half empty. Memory is there
   for a multiple of HEAD_BATCH rows. */
typedef struct {
    int32_t rows, columns, best, reserved; /* `best`: how many words' logits are exact at least; 0: all */
    const uint8_t *high, *low;
    const uint16_t *scales; /* bf16 [rows] */
    const int8_t *exact;    /* NULL, or the table that the planes were made of: [rows, columns]; there is no low plane then */
    const uint16_t *exact_scales; /* fp16 [rows, columns / 16] */
} lectern_head;

/* Of HEAD_GROUP words: the largest logit, and the largest that one could turn out to be. */
typedef struct {
    float score, hope;
} head_top;

/* How many of a chunk's words are among the best, and the most that one has. */
typedef struct {
    int32_t count;
    float most;
} head_found;

/* Tokens x = unit · (127 · first + second); `sums` are of the factor after `unit`, `firsts` of the first. */
typedef struct {
    const lectern_head *head;
    int lines, stride, groups, tokens, exact; /* `stride` is a plane's row in bytes; `exact`: all words, and no lists */
    int8_t *numbers; /* [tokens][2][lines · HEAD_LINE]: first and second, and zeros behind the columns */
    head_top *tops;  /* [tokens][groups] */
    head_found *found; /* of one token, for each chunk of groups */
    int32_t *words;    /* [rows]: one token's listed ones, in each chunk's own place */
    double sums[MAX_TOKENS], firsts[MAX_TOKENS];
    float units[MAX_TOKENS], doubts[MAX_TOKENS]; /* `doubts`: error of a logit for each unit of the row's scale */
    float cap;
    const uint8_t *allowed; /* [tokens][rows], 1: wanted; NULL: all are. Others' logits are any number, never among the best */
    const float *x; /* [tokens][columns] */
    float *out;
} head_pass;

static inline int head_lines(int columns) { return (columns + HEAD_LINE - 1) / HEAD_LINE; }

/* The least score of a token's best words: `best` of them or somewhat more reach it. */
float head_least(const head_pass *p, int token);

/* List a token's words in `groups` groups from `first` on: the best ones, which reach `least`; or, behind these `known`
   ones, others that could have more than `most`. In rising order. Returns how many are listed. */
int head_list_best(const head_pass *p, int token, int first, int groups, float least, int32_t *words);
int head_list_hopeful(const head_pass *p, int token, int first, int groups, float most, int32_t *words, int known);

#endif
