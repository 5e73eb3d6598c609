// The one door to libedit: the calls whose arguments depend on an operation, which Swift cannot import, each as a function of its own.
// Debian's libedit and the one that is a part of macOS work alike.
#pragma once

#include <histedit.h>
#include <stddef.h>
#include <stdio.h>

/// A function that a key is bound to. It returns one of libedit's CC_ numbers.
typedef unsigned char (*faultline_key_function)(EditLine *editor, int key);

/// An editor on the standard streams, with Emacs' keys; NULL if there is none. While it reads a
/// line, the terminal sends the keys that would be signals as keys.
static inline EditLine *faultline_editor_make(const char *name, char *(*prompt)(EditLine *)) {
  EditLine *editor = el_init(name, stdin, stdout, stderr);
  if (!editor) return NULL;
  el_set(editor, EL_PROMPT, prompt);
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_SIGNAL, 1);
  el_set(editor, EL_SETTY, "-d", "-isig", NULL);
  return editor;
}

/// Names the object for which the editor's functions are called.
static inline void faultline_editor_own(EditLine *editor, void *owner) { el_set(editor, EL_CLIENTDATA, owner); }

static inline void *faultline_editor_owner(EditLine *editor) {
  void *owner = NULL;
  el_get(editor, EL_CLIENTDATA, &owner);
  return owner;
}

/// Gives the editor the lines that the arrow keys and Ctrl-R look through.
static inline void faultline_editor_use_history(EditLine *editor, History *lines) { el_set(editor, EL_HIST, history, lines); }

/// Makes a function known under a name, to which keys can be bound.
static inline void faultline_editor_add(EditLine *editor, const char *name, const char *help, faultline_key_function function) {
  el_set(editor, EL_ADDFN, name, help, function);
}

/// Binds a key, as editrc(5) writes it, to a function's name.
static inline void faultline_editor_bind(EditLine *editor, const char *key, const char *function) {
  el_set(editor, EL_BIND, key, function, NULL);
}

/// Makes the terminal a line editor's, or gives it back.
static inline void faultline_editor_prepare_terminal(EditLine *editor, int prepares) { el_set(editor, EL_PREP_TERM, prepares); }

/// The stream on which the editor draws.
static inline FILE *faultline_standard_output(void) { return stdout; }

static inline void faultline_history_limit(History *lines, int most) {
  HistEvent event;
  history(lines, &event, H_SETSIZE, most);
  // Equal lines behind each other are one.
  history(lines, &event, H_SETUNIQUE, 1);
}

static inline void faultline_history_add(History *lines, const char *line) {
  HistEvent event;
  history(lines, &event, H_ENTER, line);
}
