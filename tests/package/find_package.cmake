# Installs BUILD into SCRATCH/prefix and builds and runs SOURCE against it and each of ROOMS.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE out)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN} ended with ${code}\n${out}")
  endif()
endfunction()
file(REMOVE_RECURSE ${SCRATCH})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/prefix)
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${SCRATCH}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix
    -DROOMS=${ROOMS} -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build ${SCRATCH}/build)
run(${SCRATCH}/build/consumer)
run(${SCRATCH}/prefix/bin/tenon --version)
# The consumer's own tests: cases of its component, and typed calls into it.
run(${CMAKE_CTEST_COMMAND} --test-dir ${SCRATCH}/build --output-on-failure --no-tests=error)
# The project of docs/cmake.md.
run(${CMAKE_COMMAND} -S ${SOURCE}/../../docs/cmake -B ${SCRATCH}/docs -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build ${SCRATCH}/docs)
run(${CMAKE_CTEST_COMMAND} --test-dir ${SCRATCH}/docs --output-on-failure --no-tests=error)
run(${SCRATCH}/docs/app ${SCRATCH}/docs/calculator.component/build/release/calculator.wasm)
# What `tenon new --host` makes: a host with its guest, and tests of both.
run(${SCRATCH}/prefix/bin/tenon new ${SCRATCH}/greeter --host --lang c -q)
run(${CMAKE_COMMAND} -S ${SCRATCH}/greeter -B ${SCRATCH}/greeter/build -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${SCRATCH}/prefix -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=${FLAGS}")
run(${CMAKE_COMMAND} --build ${SCRATCH}/greeter/build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${SCRATCH}/greeter/build --output-on-failure --no-tests=error)
execute_process(COMMAND ${SCRATCH}/greeter/build/host nowhere.wasm world RESULT_VARIABLE code ERROR_VARIABLE said)
if(NOT code EQUAL 1 OR NOT said MATCHES "nowhere.wasm")
  message(FATAL_ERROR "the host without its component ended with ${code}: ${said}")
endif()
# Nothing changed, nothing built; a changed source makes another component, a changed WIT other bindings.
execute_process(COMMAND ${CMAKE_COMMAND} --build ${SCRATCH}/build OUTPUT_VARIABLE again)
if(NOT again MATCHES "no work to do|up to date|Built target")
  message(FATAL_ERROR "a second build builds again:\n${again}")
endif()
file(REMOVE_RECURSE ${SCRATCH})
