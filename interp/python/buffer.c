#include "interp/python/buffer.h"

#include <stdlib.h>

struct buffer {
    struct bytes base; /* first: released by it */
    struct api_buffer view;
    struct buffer *next;
};

static _Atomic(struct buffer *) parked;

static void park(struct bytes *self)
{
    struct buffer *buffer = (struct buffer *)self;
    buffer->next = atomic_load(&parked);
    while (!atomic_compare_exchange_weak(&parked, &buffer->next, buffer))
        ;
}

int buffer_new(PyObject *object, struct bytes **ret)
{
    struct buffer *self = malloc(sizeof *self);
    if (!self) {
        PyErr_NoMemory();
        return -1;
    }
    if (PyObject_GetBuffer(object, &self->view, API_BUFFER_SIMPLE) < 0) {
        free(self);
        return -1;
    }
    self->base.view = (struct span){self->view.buf, (size_t)self->view.len};
    self->base.release = park;
    atomic_init(&self->base.refs, 1);
    *ret = &self->base;
    return 0;
}

void buffer_sweep(void)
{
    struct buffer *list = atomic_exchange(&parked, NULL);
    while (list) {
        struct buffer *next = list->next;
        PyBuffer_Release(&list->view);
        free(list);
        list = next;
    }
}
