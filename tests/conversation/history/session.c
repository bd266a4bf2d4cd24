#include "tests/conversation/history/session.h"

#include <stdio.h>
#include <stdlib.h>

void session_open(struct session *self, struct store *store)
{
    const struct harness_options options = {.run_by_test = true, .store = store};
    *self = (struct session){.store = store, .t = harness_new(&options)};
}

void session_close(struct session *self)
{
    harness_free(self->t);
    if (self->store)
        self->store->impl->destroy(self->store);
    free(self->text);
}

void session_execute(struct session *self, const char *code)
{
    char id[24];
    snprintf(id, sizeof id, "cell %u", self->cells++);
    harness_execute(self->t, id, code);
    harness_run(self->t);
    harness_await(self->t, id, "execute_reply");
}

const char *session_query(struct session *self, const char *content)
{
    char id[24];
    snprintf(id, sizeof id, "query %u", self->queries++);
    harness_send(self->t, id, "history_request", content);
    harness_run(self->t);
    const struct received *reply = harness_await(self->t, id, "history_reply");
    free(self->text);
    self->text = json_dumps(json_object_get(reply->content, "history"), JSON_COMPACT);
    return self->text;
}

const char *session_tail(struct session *self)
{
    return session_query(self, "{\"hist_access_type\":\"tail\",\"n\":100}");
}
