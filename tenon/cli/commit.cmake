# Writes OUT, the source that holds the commit of SOURCE, when it is not what it should be: the first digits of the
# commit, `+` behind them when tracked files have changes, nothing outside of a repository.
set(commit "")
find_program(git git)
if(git)
  execute_process(COMMAND ${git} -C ${SOURCE} rev-parse --show-toplevel
    OUTPUT_VARIABLE top ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  # A copy of the sources inside of somebody else's repository has no commit of its own.
  file(REAL_PATH ${SOURCE} source)
  if(top STREQUAL source)
    execute_process(COMMAND ${git} -C ${SOURCE} rev-parse --short=12 HEAD
      OUTPUT_VARIABLE commit ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    execute_process(COMMAND ${git} --no-optional-locks -C ${SOURCE} status --porcelain --untracked-files=no
      OUTPUT_VARIABLE changes ERROR_QUIET)
    if(changes)
      string(APPEND commit "+")
    endif()
  endif()
endif()
set(text "#include \"tenon/cli/commit.h\"\nconst char* const tenon::cli::build_commit = \"${commit}\";\nconst char* const tenon::cli::build_type = \"${TYPE}\";\n")
set(found "")
if(EXISTS ${OUT})
  file(READ ${OUT} found)
endif()
if(NOT found STREQUAL text)
  file(WRITE ${OUT} "${text}")
endif()
