/*
 * OpenMP and fork: a child that enters a parallel region waits for ever for the threads that GNU's
 * libgomp has started in its parent. scikit-learn, torch and numba bring it.
 */
#pragma once

/*
 * Ends the threads that libgomp keeps for the calling thread, outside of parallel regions; the next
 * region starts them again. For pthread_atfork's prepare: child and parent both begin without.
 */
void openmp_pause(void);
