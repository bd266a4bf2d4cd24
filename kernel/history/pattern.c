#include "kernel/history/pattern.h"

#include "protocol/utf8.h"

static struct span character(struct span text)
{
    size_t len;
    utf8_step(text, &len);
    return (struct span){text.ptr, len};
}

static struct span skip(struct span text, size_t len)
{
    return (struct span){text.ptr + len, text.len - len};
}

/* The bytes of UTF-8 have the order of the code points. */
static bool not_above(struct span a, struct span b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order < 0 || (order == 0 && a.len <= b.len);
}

/* Behind '[': whether the set holds `c`. *ret_rest is behind its ']'; false for a set without end.
 */
static bool match_set(struct span set, struct span c, struct span *ret_rest)
{
    bool negated = set.len > 0 && *set.ptr == '^', found = false;
    if (negated)
        set = skip(set, 1);
    for (bool first = true; set.len > 0 && (first || *set.ptr != ']'); first = false) {
        struct span low = character(set), high = low;
        set = skip(set, low.len);
        if (set.len > 1 && set.ptr[0] == '-' && set.ptr[1] != ']') {
            high = character(skip(set, 1));
            set = skip(set, 1 + high.len);
        }
        found = found || (not_above(low, c) && not_above(c, high));
    }
    if (set.len == 0)
        return false;
    *ret_rest = skip(set, 1);
    return found != negated;
}

/* One character of the text against one element of the pattern other than a star. */
static bool match_one(struct span pattern, struct span c, struct span *ret_rest)
{
    if (pattern.len == 0)
        return false;
    if (*pattern.ptr == '[')
        return match_set(skip(pattern, 1), c, ret_rest);
    struct span element = character(pattern);
    *ret_rest = skip(pattern, element.len);
    return *pattern.ptr == '?' || span_equal(element, c);
}

/* Backtracks to the last star only: an earlier one that matches more can not help. */
bool pattern_matches(struct span pattern, struct span text)
{
    struct span behind_star = {0}, retry = {0};
    while (text.len > 0) {
        struct span c = character(text), rest;
        if (pattern.len > 0 && *pattern.ptr == '*') {
            behind_star = pattern = skip(pattern, 1);
            retry = text;
        } else if (match_one(pattern, c, &rest)) {
            pattern = rest;
            text = skip(text, c.len);
        } else if (behind_star.ptr) {
            retry = text = skip(retry, character(retry).len);
            pattern = behind_star;
        } else {
            return false;
        }
    }
    while (pattern.len > 0 && *pattern.ptr == '*')
        pattern = skip(pattern, 1);
    return pattern.len == 0;
}
