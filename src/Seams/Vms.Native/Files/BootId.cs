using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32;

namespace Vms.Native.Files;

/// <summary>Names the current run of the operating system: shared memory written before a power cut cannot be trusted after it.</summary>
public static class BootId
{
    /// <summary>The same number in every process until the machine restarts; 0 where the system does not say.</summary>
    public static ulong Current { get; } = Read();

    private static ulong Read()
    {
        if (OperatingSystem.IsLinux())
        {
            const string path = "/proc/sys/kernel/random/boot_id";
            return File.Exists(path) ? BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.ASCII.GetBytes(File.ReadAllText(path)))) : 0;
        }

        if (OperatingSystem.IsWindows())
        {
            const string key = @"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters";
            return Registry.GetValue(key, "BootId", 0) is int id ? (ulong)id : 0;
        }

        return 0;
    }
}
