using System.Runtime.InteropServices;

namespace Vms.Recorder.Tests.Support;

/// <summary>Runs something as a user whom permissions stop, also where the tests run as root: on a thread of its own, whose file accesses
/// are nobody's (setfsuid; it counts for that thread alone).</summary>
internal static partial class Unprivileged
{
    public const UnixFileMode All = (UnixFileMode)0b111_111_111;
    public const UnixFileMode None = UnixFileMode.None;

    /// <summary>May look, may not change.</summary>
    public const UnixFileMode ReadOnly = (UnixFileMode)0b101_101_101;

    private const uint Nobody = 65534;

    public static void Run(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            if (Environment.UserName == "root")
                _ = setfsuid(Nobody);
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }

    [LibraryImport("libc")]
    private static partial int setfsuid(uint user);
}
