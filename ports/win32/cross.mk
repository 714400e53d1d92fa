# The Windows programs, built and tested from another system with MinGW and Wine.

# $(call cross,DIR,PROCESSOR): the same Makefile, for Windows, in $(OUT)/DIR.
cross = $(call build,$1) CC=$2-w64-mingw32-gcc PORT=win32 CMOCKA=build/cmocka

deps-win: ## install what the Windows build and its tests need (Debian)
	$(Q)sh tests/deps.sh win

win: ## both programs for Windows, into build/win64; the compiler is installed if there is none
	$(Q)sh tests/deps.sh mingw
	$(Q)+$(call cross,win64,x86_64) all

test-win: all $(filter win lint,$(MAKECMDGOALS)) ## every test of the Windows build, under Wine; what that needs is installed
	$(Q)sh tests/deps.sh win
	$(Q)+$(call cross,win32,i686) WERROR=1 all
	$(Q)+$(call cross,win64,x86_64) LINUX=$(OUT) run-win

# Called by test-win for the Windows build, with LINUX as the folder of the other.
run-win: programs
	$(Q)sh tests/imports.sh $(OUT)
	$(Q)sh tests/win.sh $(OUT) $(LINUX) $(TESTS)

.PHONY: deps-win win test-win run-win
