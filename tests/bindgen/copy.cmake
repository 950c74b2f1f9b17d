# A fresh copy of the guests' sources beside the small allocator that they count with.
file(REMOVE_RECURSE ${TO})
get_filename_component(parent ${TO} DIRECTORY)
file(COPY ${FROM} DESTINATION ${parent} PATTERN build EXCLUDE PATTERN tenon.lock EXCLUDE)
file(COPY ${GUEST}/small_malloc.c DESTINATION ${TO})
