# A fresh copy of the examples' sources, without what builds left in them.
file(REMOVE_RECURSE ${TO})
get_filename_component(parent ${TO} DIRECTORY)
file(COPY ${FROM}/ DESTINATION ${TO} PATTERN build EXCLUDE PATTERN tenon.lock EXCLUDE PATTERN "bazel-*" EXCLUDE)
