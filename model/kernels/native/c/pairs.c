/* A tokenizer of Gemma's form: characters are joined pair by pair in the order of the merges, and a character that the
   vocabulary lacks becomes its bytes. Words and merges are read from the text of tokenizer.json as it lies on the disk,
   in a tenth of the time and memory that a general reader takes for 262,144 words and 514,906 merges.

   What is unusual in the text is refused, and the caller uses the library whose file this is (see pairs.py). Nothing
   here is shared between calls but the finished tables, so any number of threads may encode. */
#include "lectern.h"

#include <stdlib.h>

enum { LONGEST = 1024, MOST_WORDS = 1 << 24, MOST_STEPS = 1024 };
static const uint32_t NOTHING = UINT32_MAX;

typedef struct {
    uint32_t left, right, rank, id;
} merge;

typedef struct {
    uint8_t *pool; /* the words' bytes, one after the other */
    uint32_t *starts, *lengths; /* by id; a length of NOTHING where there is no such word */
    uint32_t *slots; /* ids by the hash of their bytes, NOTHING where free */
    merge *merges;   /* by the hash of their two ids; `left` is NOTHING where free */
    uint32_t bytes[256]; /* the words <0x00> to <0xFF> */
    uint32_t ascii[128];
    uint32_t count, limit; /* words, and one more than the greatest id */
    int slot_bits, merge_bits;
} pairs;

typedef struct {
    const uint8_t *at, *end;
} text;

static uint64_t hash_of(const uint8_t *bytes, size_t length) {
    uint64_t hash = 0x9e3779b97f4a7c15u ^ length;
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 0x100000001b3u;
    return (hash ^ (hash >> 29)) * 0xbf58476d1ce4e5b9u;
}

static uint64_t pair_hash(uint32_t left, uint32_t right) {
    uint64_t hash = (((uint64_t)left << 32) | right) * 0x9e3779b97f4a7c15u;
    return (hash ^ (hash >> 32)) * 0xbf58476d1ce4e5b9u;
}

static int bits_for(uint64_t count) {
    int bits = 4;
    while (((uint64_t)1 << bits) < 2 * count) bits++;
    return bits;
}

/* The slot that holds the word, or the free one where it would be; NULL after too many steps. */
static uint32_t *slot_of(const pairs *p, const uint8_t *bytes, uint32_t length) {
    const uint64_t mask = ((uint64_t)1 << p->slot_bits) - 1;
    uint64_t at = hash_of(bytes, length) >> (64 - p->slot_bits);
    for (int step = 0; step < MOST_STEPS; step++, at = (at + 1) & mask) {
        const uint32_t id = p->slots[at];
        if (id == NOTHING) return &p->slots[at];
        if (p->lengths[id] == length && !memcmp(p->pool + p->starts[id], bytes, length)) return &p->slots[at];
    }
    return NULL;
}

static uint32_t find(const pairs *p, const uint8_t *bytes, uint32_t length) {
    const uint32_t *slot = slot_of(p, bytes, length);
    return slot ? *slot : NOTHING;
}

static merge *merge_of(const pairs *p, uint32_t left, uint32_t right) {
    const uint64_t mask = ((uint64_t)1 << p->merge_bits) - 1;
    uint64_t at = pair_hash(left, right) >> (64 - p->merge_bits);
    for (int step = 0; step < MOST_STEPS; step++, at = (at + 1) & mask) {
        merge *found = &p->merges[at];
        if (found->left == NOTHING || (found->left == left && found->right == right)) return found;
    }
    return NULL;
}

/* JSON, as far as words, numbers and merges need it. Each function returns 0 where the text is anything else. */

static int next_is(text *t, uint8_t wanted) {
    while (t->at < t->end && (*t->at == ' ' || *t->at == '\n' || *t->at == '\t' || *t->at == '\r')) t->at++;
    if (t->at >= t->end || *t->at != wanted) return 0;
    t->at++;
    return 1;
}

static int hex4(text *t, uint32_t *code) {
    if (t->end - t->at < 4) return 0;
    *code = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef0123456789ABCDEF";
        const char *digit = *t->at ? strchr(digits, *t->at) : NULL;
        t->at++;
        if (!digit) return 0;
        *code = *code << 4 | (uint32_t)((digit - digits) & 15);
    }
    return 1;
}

static uint32_t utf8(uint32_t code, uint8_t *out) {
    if (code < 0x80) return out[0] = (uint8_t)code, 1;
    if (code < 0x800) return out[0] = (uint8_t)(0xc0 | code >> 6), out[1] = (uint8_t)(0x80 | (code & 63)), 2;
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12), out[1] = (uint8_t)(0x80 | (code >> 6 & 63)), out[2] = (uint8_t)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18), out[1] = (uint8_t)(0x80 | (code >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 63)), out[3] = (uint8_t)(0x80 | (code & 63));
    return 4;
}

static int escaped(text *t, uint32_t *code) {
    if (t->at >= t->end) return 0;
    switch (*t->at++) {
    case '"': return *code = '"', 1;
    case '\\': return *code = '\\', 1;
    case '/': return *code = '/', 1;
    case 'b': return *code = '\b', 1;
    case 'f': return *code = '\f', 1;
    case 'n': return *code = '\n', 1;
    case 'r': return *code = '\r', 1;
    case 't': return *code = '\t', 1;
    case 'u': break;
    default: return 0;
    }
    if (!hex4(t, code)) return 0;
    if (*code < 0xd800 || *code > 0xdfff) return 1;
    uint32_t low;
    if (*code > 0xdbff || t->end - t->at < 6 || t->at[0] != '\\' || t->at[1] != 'u') return 0;
    t->at += 2;
    if (!hex4(t, &low) || low < 0xdc00 || low > 0xdfff) return 0;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return 1;
}

/* Bytes of the character at `at`, as UTF-8 has them; 0 where it is not UTF-8. */
static uint32_t character(const uint8_t *at, const uint8_t *end) {
    const uint8_t first = *at;
    if (first < 0x80) return 1;
    const uint32_t length = first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    if (!length || end - at < (ptrdiff_t)length) return 0;
    for (uint32_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    if (first == 0xe0 && at[1] < 0xa0) return 0;
    if (first == 0xed && at[1] > 0x9f) return 0; /* a surrogate */
    if (first == 0xf0 && at[1] < 0x90) return 0;
    if (first == 0xf4 && at[1] > 0x8f) return 0;
    return length;
}

/* A string of at most LONGEST bytes into `out`, which has room for so many and 4. */
static int string(text *t, uint8_t *out, uint32_t *length) {
    if (!next_is(t, '"')) return 0;
    uint32_t n = 0;
    while (t->at < t->end) {
        uint32_t code;
        if (n > LONGEST) return 0;
        if (*t->at == '"') return t->at++, *length = n, 1;
        if (*t->at < 0x20) return 0;
        if (*t->at == '\\') {
            t->at++;
            if (!escaped(t, &code)) return 0;
            n += utf8(code, out + n);
            continue;
        }
        const uint32_t bytes = character(t->at, t->end);
        if (!bytes) return 0;
        memcpy(out + n, t->at, bytes);
        n += bytes, t->at += bytes;
    }
    return 0;
}

static int number(text *t, uint32_t *value) {
    while (t->at < t->end && (*t->at == ' ' || *t->at == '\n' || *t->at == '\t' || *t->at == '\r')) t->at++;
    int digits = 0;
    for (*value = 0; t->at < t->end && *t->at >= '0' && *t->at <= '9'; digits++) {
        if (digits == 8) return 0;
        *value = *value * 10 + (uint32_t)(*t->at++ - '0');
    }
    return digits > 0;
}

static int grown(void **array, size_t size, uint64_t *room) {
    const uint64_t wanted = *room ? 2 * *room : 4096;
    void *larger = realloc(*array, wanted * size);
    if (!larger) return 0;
    *array = larger, *room = wanted;
    return 1;
}

typedef struct {
    uint32_t start, length, id;
} entry;

/* The words of a JSON object into `entries`, their bytes into p->pool. */
static int read_words(pairs *p, text *t, entry **entries) {
    uint64_t used = 0, room = 0, pool = 0, pool_room = 0;
    if (!next_is(t, '{')) return 0;
    do {
        if (pool + LONGEST + 8 > pool_room && !grown((void **)&p->pool, 1, &pool_room)) return 0;
        if (used == room && !grown((void **)entries, sizeof **entries, &room)) return 0;
        entry *one = *entries + used++;
        one->start = (uint32_t)pool;
        if (!string(t, p->pool + pool, &one->length) || !next_is(t, ':') || !number(t, &one->id)) return 0;
        pool += one->length;
        if (one->id >= MOST_WORDS || used > MOST_WORDS || pool > UINT32_MAX / 2) return 0;
        if (one->id >= p->limit) p->limit = one->id + 1;
    } while (next_is(t, ','));
    p->count = (uint32_t)used;
    return next_is(t, '}') && p->limit <= 4 * used; /* nearly all ids have words */
}

static int index_words(pairs *p, const entry *entries) {
    p->slot_bits = bits_for(p->count);
    const size_t slots = (size_t)1 << p->slot_bits;
    p->starts = malloc(sizeof(uint32_t) * p->limit);
    p->lengths = malloc(sizeof(uint32_t) * p->limit);
    p->slots = malloc(sizeof(uint32_t) * slots);
    if (!p->starts || !p->lengths || !p->slots) return 0;
    memset(p->lengths, 255, sizeof(uint32_t) * p->limit);
    memset(p->slots, 255, sizeof(uint32_t) * slots);
    for (uint32_t i = 0; i < p->count; i++) {
        const entry *one = &entries[i];
        uint32_t *slot = slot_of(p, p->pool + one->start, one->length);
        if (!slot || *slot != NOTHING || p->lengths[one->id] != NOTHING) return 0; /* a word or an id comes twice */
        p->starts[one->id] = one->start, p->lengths[one->id] = one->length;
        *slot = one->id;
    }
    static const char digits[] = "0123456789ABCDEF";
    for (uint32_t byte = 0; byte < 256; byte++) {
        const uint8_t name[6] = {'<', '0', 'x', (uint8_t)digits[byte >> 4], (uint8_t)digits[byte & 15], '>'};
        if ((p->bytes[byte] = find(p, name, sizeof name)) == NOTHING) return 0;
    }
    for (uint32_t code = 0; code < 128; code++) {
        const uint8_t letter = (uint8_t)code;
        p->ascii[code] = find(p, &letter, 1);
    }
    return 1;
}

/* One merge: ["a", "b"], or "a b" in older files. */
static int read_merge(const pairs *p, text *t, merge *found) {
    uint8_t joined[2 * LONGEST + 16];
    uint32_t left, right;
    if (next_is(t, '[')) {
        if (!string(t, joined, &left) || !next_is(t, ',') || !string(t, joined + left, &right) || !next_is(t, ']')) return 0;
    } else {
        uint32_t whole;
        if (!string(t, joined, &whole)) return 0;
        const uint8_t *blank = memchr(joined, ' ', whole);
        if (!blank) return 0;
        left = (uint32_t)(blank - joined), right = whole - left - 1;
        memmove(joined + left, joined + left + 1, right);
        if (memchr(joined + left, ' ', right)) return 0;
    }
    found->left = find(p, joined, left);
    found->right = find(p, joined + left, right);
    found->id = find(p, joined, left + right);
    return found->left != NOTHING && found->right != NOTHING && found->id != NOTHING;
}

static int read_merges(pairs *p, text *t) {
    merge *list = NULL;
    uint64_t used = 0, room = 0;
    int good = next_is(t, '[');
    if (good && !next_is(t, ']')) {
        do {
            good = (used < room || grown((void **)&list, sizeof *list, &room)) && used < MOST_WORDS && read_merge(p, t, &list[used]);
            if (good) list[used].rank = (uint32_t)used, used++;
        } while (good && next_is(t, ','));
        good = good && next_is(t, ']');
    }
    p->merge_bits = bits_for(used);
    p->merges = good ? malloc(sizeof(merge) << p->merge_bits) : NULL;
    if (p->merges) {
        memset(p->merges, 255, sizeof(merge) << p->merge_bits);
        for (uint64_t i = 0; i < used && good; i++) {
            merge *slot = merge_of(p, list[i].left, list[i].right);
            good = slot != NULL;
            if (good) *slot = list[i]; /* of one that comes twice the later rank counts */
        }
    }
    free(list);
    return good && p->merges;
}

LECTERN_API void lectern_pairs_close(pairs *p) {
    if (!p) return;
    free(p->pool), free(p->starts), free(p->lengths), free(p->slots), free(p->merges);
    free(p);
}

/* Words and merges from JSON: an object of words and ids at `words`, an array of merges at `merges`. NULL where either
   is not as expected, or memory is short; the ends of both in `ends`. */
LECTERN_API pairs *lectern_pairs_open(const uint8_t *json, int64_t size, int64_t words, int64_t merges, int64_t *ends) {
    pairs *p = calloc(1, sizeof *p);
    entry *entries = NULL;
    text t = {json + words, json + size};
    int good = p && read_words(p, &t, &entries) && index_words(p, entries);
    free(entries);
    ends[0] = t.at - json;
    if (good) {
        t.at = json + merges;
        good = read_merges(p, &t);
        ends[1] = t.at - json;
    }
    if (good) return p;
    lectern_pairs_close(p);
    return NULL;
}


/* The id of a word, or -1. */
LECTERN_API int64_t lectern_pairs_id(const pairs *p, const uint8_t *bytes, int64_t length) {
    const uint32_t id = length <= LONGEST ? find(p, bytes, (uint32_t)length) : NOTHING;
    return id == NOTHING ? -1 : (int64_t)id;
}

/* Where a word's bytes are; its length, or -1 where there is no such id. */
LECTERN_API int64_t lectern_pairs_word(const pairs *p, int64_t id, const uint8_t **bytes) {
    if (id < 0 || id >= p->limit || p->lengths[id] == NOTHING) return -1;
    *bytes = p->pool + p->starts[id];
    return p->lengths[id];
}

/* Pairs that may be joined, the lowest rank first, of these the leftmost: a heap. */

typedef struct {
    uint32_t rank, at, id;
} chance;

typedef struct {
    chance *heap;
    uint64_t used, room;
} chances;

static int before(const chance *a, const chance *b) { return a->rank != b->rank ? a->rank < b->rank : a->at < b->at; }

static int push(chances *c, chance one) {
    if (c->used == c->room && !grown((void **)&c->heap, sizeof one, &c->room)) return 0;
    uint64_t at = c->used++;
    while (at && before(&one, &c->heap[(at - 1) / 2])) c->heap[at] = c->heap[(at - 1) / 2], at = (at - 1) / 2;
    c->heap[at] = one;
    return 1;
}

static chance pop(chances *c) {
    const chance top = c->heap[0], last = c->heap[--c->used];
    uint64_t at = 0;
    for (;;) {
        uint64_t child = 2 * at + 1;
        if (child >= c->used) break;
        if (child + 1 < c->used && before(&c->heap[child + 1], &c->heap[child])) child++;
        if (!before(&c->heap[child], &last)) break;
        c->heap[at] = c->heap[child], at = child;
    }
    c->heap[at] = last;
    return top;
}

static const merge *known_merge(const pairs *p, uint32_t left, uint32_t right) {
    const merge *found = merge_of(p, left, right);
    return found && found->left != NOTHING ? found : NULL;
}

/* Whether two neighbours may be joined is put among the chances; 0 where memory is short. */
static int offer(const pairs *p, chances *c, const int32_t *ids, uint32_t left, uint32_t right) {
    const merge *found = known_merge(p, (uint32_t)ids[left], (uint32_t)ids[right]);
    return !found || push(c, (chance){found->rank, left, found->id});
}

/* Joins `count` symbols in `ids`, in place; how many are left, or -1 where memory is short. */
static int64_t join(const pairs *p, int32_t *ids, uint32_t count) {
    uint32_t *next = malloc(sizeof(uint32_t) * count), *previous = malloc(sizeof(uint32_t) * count);
    chances c = {0};
    int good = next && previous;
    for (uint32_t i = 0; good && i < count; i++) {
        next[i] = i + 1 < count ? i + 1 : NOTHING, previous[i] = i ? i - 1 : NOTHING;
        if (i) good = offer(p, &c, ids, i - 1, i);
    }
    while (good && c.used) {
        const chance top = pop(&c);
        if (ids[top.at] < 0 || next[top.at] == NOTHING) continue; /* joined to what is left of it, or the last */
        const uint32_t right = next[top.at];
        const merge *now = known_merge(p, (uint32_t)ids[top.at], (uint32_t)ids[right]);
        if (!now || now->id != top.id) continue; /* either has become another */
        ids[top.at] = (int32_t)top.id, ids[right] = -1;
        next[top.at] = next[right];
        if (next[right] != NOTHING) {
            previous[next[right]] = top.at;
            good = offer(p, &c, ids, top.at, next[top.at]);
        }
        if (good && previous[top.at] != NOTHING) good = offer(p, &c, ids, previous[top.at], top.at);
    }
    int64_t left = 0;
    for (uint32_t i = 0; good && i < count; i++)
        if (ids[i] >= 0) ids[left++] = ids[i];
    free(next), free(previous), free(c.heap);
    return good ? left : -1;
}

/* The ids of a text in UTF-8 into `ids`, which has room for one of each byte; how many, or -1 where memory is short or
   the text is not UTF-8. */
LECTERN_API int64_t lectern_pairs_encode(const pairs *p, const uint8_t *bytes, int64_t size, int32_t *ids) {
    if (size <= 0 || size > INT32_MAX) return size ? -1 : 0;
    uint32_t count = 0;
    for (const uint8_t *at = bytes, *end = bytes + size; at < end;) {
        const uint32_t length = character(at, end);
        if (!length) return -1;
        const uint32_t id = length == 1 ? p->ascii[*at] : find(p, at, length);
        if (id != NOTHING)
            ids[count++] = (int32_t)id;
        else
            for (uint32_t i = 0; i < length; i++) ids[count++] = (int32_t)p->bytes[at[i]];
        at += length;
    }
    return join(p, ids, count);
}
