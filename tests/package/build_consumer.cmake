# cmake -DSOURCE=<project> -DBINARY=<folder> -DARGUMENTS=<cmake arguments, "|" between them> [-DEXPECT_ERROR=<regex>]
#       -P build_consumer.cmake
# Configures and builds a project from nothing, and runs its tests. With EXPECT_ERROR the configuration must fail, saying that.
file(REMOVE_RECURSE ${BINARY})
string(REPLACE "|" ";" ARGUMENTS "${ARGUMENTS}")
set(configure ${CMAKE_COMMAND} -S ${SOURCE} -B ${BINARY} -G Ninja ${ARGUMENTS})

if(EXPECT_ERROR)
  execute_process(COMMAND ${configure} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  message("${output}")
  string(REGEX REPLACE "[ \n]+" " " said "${output}")
  if(status EQUAL 0 OR NOT said MATCHES "${EXPECT_ERROR}")
    message(FATAL_ERROR "expected an error that matches '${EXPECT_ERROR}', got status ${status}")
  endif()
  return()
endif()

get_filename_component(bin ${CMAKE_COMMAND} DIRECTORY)
execute_process(COMMAND ${configure} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BINARY} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${bin}/ctest --test-dir ${BINARY} --output-on-failure COMMAND_ERROR_IS_FATAL ANY)
