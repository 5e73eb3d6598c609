// Processes and threads through Debian's glibc: fork and wait, pthread_create, mutexes, condition variables, barriers, semaphores,
// thread-local storage, signals between threads. It prints no id and no time.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void check(const char *what, int holds) { printf("%-28s %s\n", what, holds ? "right" : "WRONG"); }

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static long counter;
static __thread int mine = 5;

static void *adds(void *argument) {
  for (int i = 0; i < 100000; i++) {
    pthread_mutex_lock(&mutex);
    counter++;
    pthread_mutex_unlock(&mutex);
  }
  mine += (int)(long)argument;
  return (void *)(long)mine;
}

static int queue[8], head, tail;
static void *produces(void *argument) {
  for (int i = 1; i <= 1000; i++) {
    pthread_mutex_lock(&mutex);
    while (tail - head == 8) pthread_cond_wait(&condition, &mutex);
    queue[tail++ & 7] = i;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  return 0;
}
static long consume(void) {
  long sum = 0;
  for (int i = 0; i < 1000; i++) {
    pthread_mutex_lock(&mutex);
    while (tail == head) pthread_cond_wait(&condition, &mutex);
    sum += queue[head++ & 7];
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
  }
  return sum;
}

static pthread_barrier_t barrier;
static int phases[4];
static void *passes(void *argument) {
  for (int phase = 0; phase < 50; phase++) {
    phases[(long)argument]++;
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 4; i++)
      if (phases[i] != phase + 1) phases[(long)argument] = -1000;
    pthread_barrier_wait(&barrier);
  }
  return 0;
}

static sem_t items;
static void *posts(void *argument) {
  for (int i = 0; i < 100; i++) sem_post(&items);
  return 0;
}

static volatile pthread_t handled_by;
static void handler(int number) { handled_by = pthread_self(); }
static void *sleeps(void *argument) {
  while (!handled_by) usleep(1000);
  return 0;
}

static void *cancelled(void *argument) {
  for (;;) usleep(1000);
  return 0;
}

static int order;
static void before(void) { order = order * 10 + 1; }
static void parent(void) { order = order * 10 + 2; }
static void child(void) { order = order * 10 + 3; }

int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  int status;
  for (int i = 0; i < 3; i++) {
    pid_t pid = fork();
    if (pid == 0) _exit(i * 10 + 1);
    if (waitpid(pid, &status, 0) != pid) puts("WRONG pid");
    printf("child %d exits with %d\n", i, WIFEXITED(status) ? WEXITSTATUS(status) : -1);
  }
  pid_t pid = fork();
  if (pid == 0) raise(SIGTERM);
  waitpid(pid, &status, 0);
  printf("raise: signal %d\n", WTERMSIG(status));

  pthread_t threads[4];
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], 0, adds, (void *)i);
  for (long i = 0; i < 4; i++) {
    void *result;
    pthread_join(threads[i], &result);
    printf("thread %ld returns %ld\n", i, (long)result);
  }
  printf("counter %ld, mine %d\n", counter, mine);

  pthread_create(&threads[0], 0, produces, 0);
  printf("consumed %ld\n", consume());
  pthread_join(threads[0], 0);

  pthread_barrier_init(&barrier, 0, 4);
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], 0, passes, (void *)i);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
  printf("phases %d %d %d %d\n", phases[0], phases[1], phases[2], phases[3]);

  sem_init(&items, 0, 0);
  pthread_create(&threads[0], 0, posts, 0);
  for (int i = 0; i < 100; i++) sem_wait(&items);
  pthread_join(threads[0], 0);
  struct timespec past = {0, 0};
  check("semaphore is empty", sem_timedwait(&items, &past) == -1 && errno == ETIMEDOUT);

  signal(SIGUSR1, handler);
  pthread_create(&threads[0], 0, sleeps, 0);
  pthread_kill(threads[0], SIGUSR1);
  pthread_join(threads[0], 0);
  check("handled by the thread", pthread_equal(handled_by, threads[0]));

  pthread_create(&threads[0], 0, cancelled, 0);
  pthread_cancel(threads[0]);
  void *result;
  pthread_join(threads[0], &result);
  check("cancelled", result == PTHREAD_CANCELED);

  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, 0);
  pid = fork();
  if (pid == 0) {
    union sigval value = {.sival_int = 4711};
    sigqueue(getppid(), SIGUSR2, value);
    _exit(0);
  }
  siginfo_t info;
  check("sigwaitinfo", sigwaitinfo(&set, &info) == SIGUSR2);
  printf("value %d, code %d\n", info.si_value.sival_int, info.si_code);
  check("from the child", info.si_pid == pid);
  waitpid(pid, &status, 0);

  pthread_atfork(before, parent, child);
  pid = fork();
  if (pid == 0) _exit(order);
  waitpid(pid, &status, 0);
  printf("atfork: %d here, %d there\n", order, WEXITSTATUS(status));

  int pipes[2];
  if (pipe(pipes)) puts("WRONG pipe");
  pid = fork();
  if (pid == 0) {
    for (int i = 0; i < 100000; i++)
      if (write(pipes[1], "0123456789", 10) != 10) _exit(1);
    _exit(0);
  }
  close(pipes[1]);
  long bytes = 0;
  char buffer[4000];
  for (long count; (count = read(pipes[0], buffer, sizeof buffer)) > 0;) bytes += count;
  waitpid(pid, &status, 0);
  printf("%ld bytes through a pipe, status %d\n", bytes, status);

  check("no children left", wait(&status) == -1 && errno == ECHILD);
  return 0;
}
