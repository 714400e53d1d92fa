# The few commands that building the two programs takes, for both shells that make may run.
#
# mingw32-make takes cmd.exe where it finds no sh.exe (SHELL is then that bare name). Tests and checks
# need a POSIX shell. $(call native,PATH) is the path as that shell writes it.

ifneq ($(and $(ON_WINDOWS),$(filter sh.exe cmd cmd.exe %/cmd.exe %\cmd.exe,$(SHELL))),)
native = $(subst /,\,$(patsubst %/,%,$1))
MKDIR  = if not exist $(call native,$1) mkdir $(call native,$1)
RM     = if exist $(call native,$1) del /q $(call native,$1)
RMDIR  = if exist $(call native,$1) rmdir /s /q $(call native,$1)
TRUE   = rem
NULL   = NUL
else
native = $1
MKDIR  = mkdir -p $1
RM     = rm -f $1
RMDIR  = rm -rf $1
TRUE   = :
NULL   = /dev/null
endif
