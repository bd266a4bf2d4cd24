/*
 * Where the history file is: CARME_HISTORY, or else IPython's place, IPYTHONDIR or ~/.ipython, in
 * profile_default. Source: IPython/paths.py, get_ipython_dir().
 */
#pragma once

#include "protocol/bytes.h"

/*
 * An absolute path, to be freed, and whether it is IPython's place; NULL when CARME_HISTORY is
 * "none". Nothing is made. Reads the environment: before any code of the user runs.
 * -ENOMEM. -ENOENT: there is no home directory. -ENAMETOOLONG.
 */
MUST_CHECK int history_path(char **ret_path, bool *ret_is_ours);
