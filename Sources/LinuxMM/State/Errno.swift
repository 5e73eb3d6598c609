// Owns Linux's error numbers, generic ABI.
// It does not know which call returns an error.

/// An error number as a system call returns it, negated, in X0.
public struct Errno: RawRepresentable, Error, Hashable, Sendable {
  public var rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }

  public static let EPERM = Errno(rawValue: 1)
  public static let ENOENT = Errno(rawValue: 2)
  public static let ESRCH = Errno(rawValue: 3)
  public static let EINTR = Errno(rawValue: 4)
  public static let EIO = Errno(rawValue: 5)
  public static let ENXIO = Errno(rawValue: 6)
  public static let E2BIG = Errno(rawValue: 7)
  public static let ENOEXEC = Errno(rawValue: 8)
  public static let EBADF = Errno(rawValue: 9)
  public static let ECHILD = Errno(rawValue: 10)
  public static let EAGAIN = Errno(rawValue: 11)
  public static let ENOMEM = Errno(rawValue: 12)
  public static let EACCES = Errno(rawValue: 13)
  public static let EFAULT = Errno(rawValue: 14)
  public static let EBUSY = Errno(rawValue: 16)
  public static let EEXIST = Errno(rawValue: 17)
  public static let EXDEV = Errno(rawValue: 18)
  public static let ENODEV = Errno(rawValue: 19)
  public static let ENOTDIR = Errno(rawValue: 20)
  public static let EISDIR = Errno(rawValue: 21)
  public static let EINVAL = Errno(rawValue: 22)
  public static let EMFILE = Errno(rawValue: 24)
  public static let ENOTTY = Errno(rawValue: 25)
  public static let ETXTBSY = Errno(rawValue: 26)
  public static let EFBIG = Errno(rawValue: 27)
  public static let ENOSPC = Errno(rawValue: 28)
  public static let ESPIPE = Errno(rawValue: 29)
  public static let EPIPE = Errno(rawValue: 32)
  public static let ERANGE = Errno(rawValue: 34)
  public static let ENAMETOOLONG = Errno(rawValue: 36)
  public static let ENOSYS = Errno(rawValue: 38)
  public static let ENOTEMPTY = Errno(rawValue: 39)
  public static let ELOOP = Errno(rawValue: 40)
  public static let EOVERFLOW = Errno(rawValue: 75)
  public static let EOPNOTSUPP = Errno(rawValue: 95)
  public static let ECONNRESET = Errno(rawValue: 104)
  public static let ETIMEDOUT = Errno(rawValue: 110)
  public static let EDQUOT = Errno(rawValue: 122)
  public static let EHWPOISON = Errno(rawValue: 133)
}
