using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Storage;

/// <summary>The storage calls of kernel32 that .NET has no method for.</summary>
[SupportedOSPlatform("windows")]
internal static partial class Kernel32
{
    internal const int ERROR_HANDLE_DISK_FULL = 39;
    internal const int ERROR_DISK_FULL = 112;

    internal const int FileAllocationInfo = 5;

    /// <summary>With <see cref="FileAllocationInfo"/>, <paramref name="information"/> is FILE_ALLOCATION_INFO: one LARGE_INTEGER.</summary>
    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    internal static partial bool SetFileInformationByHandle(SafeFileHandle file, int informationClass, in long information, int size);
}
