# What `cmake --install` puts where. Filled by the modules that own the files; listed here so that a packager reads one file.
