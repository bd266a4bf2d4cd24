#include "protocol/utf8.h"

/* What may follow a lead byte: the length of the sequence and the bounds of its second byte. */
struct shape {
    unsigned char len, low, high;
};

static struct shape shape_of(unsigned char lead)
{
    if (lead < 0x80)
        return (struct shape){1, 0, 0};
    if (lead < 0xC2 || lead > 0xF4)
        return (struct shape){0, 0, 0};
    if (lead < 0xE0)
        return (struct shape){2, 0x80, 0xBF};
    if (lead < 0xF0)
        return (struct shape){3, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF};
    return (struct shape){4, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF};
}

bool utf8_step(struct span text, size_t *ret_len)
{
    struct shape shape = shape_of((unsigned char)text.ptr[0]);
    *ret_len = 1;
    if (shape.len < 2)
        return shape.len == 1;
    for (; *ret_len < shape.len; ++*ret_len) {
        if (*ret_len == text.len)
            return false;
        unsigned char c = (unsigned char)text.ptr[*ret_len];
        if (c < shape.low || c > shape.high)
            return false;
        shape.low = 0x80;
        shape.high = 0xBF;
    }
    return true;
}

size_t utf8_encode(unsigned long code_point, char ret_text[4])
{
    if (code_point < 0x80) {
        ret_text[0] = (char)code_point;
        return 1;
    }
    size_t len = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, code_point >>= 6)
        ret_text[i] = (char)(0x80 | (code_point & 0x3F));
    unsigned lead = 0xF00U >> len & 0xFF;
    ret_text[0] = (char)(lead | code_point);
    return len;
}
