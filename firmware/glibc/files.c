// Files through the C library: stdio in all its modes, directories, links, permissions, pipes, mapped files, large offsets. Works in a fresh
// directory of /tmp, and takes it away again.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

static int compare(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }
static int seen;
static int visit(const char *path, const struct stat *status, int type, struct FTW *ftw) {
  seen += ftw->level + type * 100;
  return remove(path);
}
static unsigned sum(const char *path) {
  FILE *file = fopen(path, "r");
  unsigned hash = 5381;
  for (int c; (c = getc(file)) != EOF;) hash = hash * 33 + c;
  fclose(file);
  return hash;
}
#define CHECK(call) do { errno = 0; long result_ = (long)(call); printf("%s: %ld %s\n", #call, result_, errno ? strerrorname_np(errno) : ""); } while (0)

int main(void) {
  char directory[] = "/tmp/filesXXXXXX";
  if (!mkdtemp(directory) || chdir(directory)) return 1;
  FILE *file = fopen("text", "w+");
  for (int i = 0; i < 20000; i++) fprintf(file, "%d %x\n", i, i * 7919);
  printf("at %ld\n", ftell(file));
  rewind(file);
  char line[100];
  long total = 0;
  int number, lines = 0;
  unsigned value;
  while (fgets(line, sizeof line, file) && sscanf(line, "%d %x", &number, &value) == 2) total += value, lines++;
  printf("%d lines, %ld\n", lines, total);
  fseek(file, 1000, SEEK_SET);
  fputs("OVERWRITTEN", file);
  fseek(file, -5, SEEK_END);
  fputs("tail of the file, longer than it was", file);
  fclose(file);
  printf("%08x\n", sum("text"));
  file = fopen("text", "a+");
  fputs("appended\n", file);
  fseek(file, 995, SEEK_SET);
  fgets(line, 20, file);
  printf("%s|\n", line);
  fclose(file);
  printf("%08x\n", sum("text"));
  CHECK(fopen("text", "wx") != NULL);
  CHECK(fopen("none", "r") != NULL);
  CHECK(fopen("none/text", "w") != NULL);

  struct stat status;
  CHECK(stat("text", &status));
  printf("%o %ld %lu\n", status.st_mode, (long)status.st_size, (unsigned long)status.st_nlink);
  CHECK(mkdir("sub", 0700));
  CHECK(mkdir("sub/deeper", 0755));
  for (int i = 0; i < 50; i++) {
    char name[40];
    sprintf(name, "sub/file-%02d", i);
    int descriptor = open(name, O_CREAT | O_WRONLY, 0600);
    if (pwrite(descriptor, name, strlen(name), i * 100) != (ssize_t)strlen(name)) puts("short write");
    close(descriptor);
  }
  CHECK(symlink("../text", "sub/link"));
  CHECK(link("text", "sub/hard"));
  CHECK(rename("sub/file-07", "sub/renamed"));
  CHECK(unlink("sub/file-08"));
  CHECK(rmdir("sub"));
  CHECK(access("sub/link", R_OK | W_OK));
  CHECK(access("text", X_OK));
  struct dirent **names;
  int count = scandir("sub", &names, NULL, compare);
  for (int i = 0; i < count; i++) printf("%s %d%s", names[i]->d_name, names[i]->d_type, i % 8 == 7 ? "\n" : ", ");
  puts("");
  glob_t found;
  printf("glob %d", glob("sub/file-1*", 0, NULL, &found));
  printf(" %zu %s\n", found.gl_pathc, found.gl_pathv[found.gl_pathc - 1]);
  char path[4096], real[4096];
  printf("%zd\n", readlink("sub/link", path, sizeof path));
  printf("%s\n", realpath("sub/deeper/../link", real) + strlen(directory));
  lstat("sub/link", &status);
  printf("%o %ld\n", status.st_mode, (long)status.st_size);
  stat("sub/file-20", &status);
  printf("%o %ld\n", status.st_mode, (long)status.st_size);
  CHECK(chmod("text", 0421));
  stat("text", &status);
  printf("%o %lu\n", status.st_mode, (unsigned long)status.st_nlink);
  CHECK(truncate("text", 12345));
  printf("%08x\n", sum("text"));

  int descriptor = open("map", O_CREAT | O_RDWR | O_TRUNC, 0600);
  CHECK(ftruncate(descriptor, 20000));
  unsigned char *shared = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  unsigned char *copy = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0);
  for (int i = 0; i < 20000; i++) shared[i] = i * 31;
  copy[5] = 99;
  CHECK(pwrite(descriptor, "through the file", 16, 8190));
  printf("%.16s %d %d\n", shared + 8190, copy[5], copy[6]);
  CHECK(pread(descriptor, line, 10, 0));
  printf("%d %d\n", line[5], copy[9000] == shared[9000]);
  CHECK(msync(shared, 20000, MS_SYNC));
  CHECK(munmap(shared, 20000));
  printf("%08x\n", sum("map"));
  CHECK(lseek(descriptor, 1l << 33, SEEK_SET) == 1l << 33);
  CHECK(write(descriptor, "far", 3));
  fstat(descriptor, &status);
  printf("%ld\n", (long)status.st_size);
  CHECK(ftruncate(descriptor, 3));
  struct iovec vectors[3] = {{"one ", 4}, {"two ", 4}, {"three", 5}};
  CHECK(pwritev(descriptor, vectors, 3, 100));
  CHECK(pread(descriptor, line, 50, 98));
  printf("%s\n", line + 2);
  close(descriptor);

  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC));
  FILE *writer = fdopen(ends[1], "w"), *reader = fdopen(ends[0], "r");
  fprintf(writer, "through a pipe %d\n", 42);
  fflush(writer);
  struct pollfd polls[2] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}};
  printf("poll %d %d %d\n", poll(polls, 2, 1000), polls[0].revents, polls[1].revents);
  fgets(line, sizeof line, reader);
  fputs(line, stdout);
  fclose(writer);
  printf("poll %d %d\n", poll(polls, 1, 0), polls[0].revents);
  CHECK(getc(reader));
  fclose(reader);
  int saved = dup(1);
  fflush(stdout);
  freopen("redirected", "w", stdout);
  puts("to a file");
  fflush(stdout);
  dup2(saved, 1);
  close(saved);
  printf("%08x\n", sum("redirected"));
  file = tmpfile();
  fputs("temporary", file);
  printf("%ld\n", ftell(file));
  fclose(file);
  int memory = memfd_create("memory", MFD_CLOEXEC);
  CHECK(write(memory, "bytes", 5));
  CHECK(lseek(memory, 0, SEEK_END));
  chdir("/");
  CHECK(nftw(directory, visit, 20, FTW_DEPTH | FTW_PHYS));
  printf("seen %d\n", seen);
  return 0;
}
