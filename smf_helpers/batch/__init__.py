"""Plan, kernels, run, resume: papermill over many clients."""
