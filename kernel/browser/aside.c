#include "kernel/desktop/aside.h"

#include "kernel/core.h"
#include "kernel/handlers.h"

bool aside_push(struct kernel *kernel, struct message *msg)
{
    (void)kernel, (void)msg;
    return false;
}

bool aside_concerns(const struct message *msg)
{
    (void)msg;
    return false;
}

void aside_look(struct kernel *kernel) { (void)kernel; }

void asides_stop(struct kernel *kernel) { (void)kernel; }

void asides_finish(struct kernel *kernel) { (void)kernel; }

void answer_usage(struct kernel *kernel, struct request *request, json_t *content)
{
    (void)content;
    request_fail(kernel, request, "NotImplementedError",
                 "usage_request: a browser's worker can not see what it uses");
}
