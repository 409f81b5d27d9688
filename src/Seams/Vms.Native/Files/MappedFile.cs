using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Vms.Native.Files;

/// <summary>
/// A file shared between processes as memory. Counted: <see cref="SafeHandle.DangerousAddRef"/> keeps it mapped across a concurrent
/// Dispose, and it is unmapped when the count reaches zero. The file must never be made shorter while mapped. 64-bit processes only.
/// </summary>
public sealed unsafe class MappedFile : SafeHandle
{
    private const long PopulateStep = 1 << 20;

    private readonly MemoryMappedFile? _windowsMapping;
    private readonly SafeMemoryMappedViewHandle? _windowsView;

    private MappedFile(nint address, long length, MemoryMappedFile? windowsMapping, SafeMemoryMappedViewHandle? windowsView)
        : base(0, ownsHandle: true)
    {
        Length = length;
        _windowsMapping = windowsMapping;
        _windowsView = windowsView;
        SetHandle(address);
    }

    public override bool IsInvalid => handle == 0;

    public long Length { get; }

    /// <summary>First byte. Valid while the handle is open or a reference is counted.</summary>
    public byte* Address => (byte*)handle;

    /// <summary>Maps a whole file, whose space must be reserved (<see cref="PrivateFile.Reserve"/>). <paramref name="file"/> may be closed after.</summary>
    public static MappedFile Map(SafeFileHandle file, string path, bool writable)
    {
        if (!Environment.Is64BitProcess)
            throw new PlatformNotSupportedException("Memory-mapped logs need a 64-bit process.");
        long length = RandomAccess.GetLength(file);
        return OperatingSystem.IsLinux() ? MapLinux(file, path, length, writable) : MapWindows(file, length, writable);
    }

    [SupportedOSPlatform("linux")]
    private static MappedFile MapLinux(SafeFileHandle file, string path, long length, bool writable)
    {
        int protection = LinuxFile.PROT_READ | (writable ? LinuxFile.PROT_WRITE : 0);
        nint address = LinuxFile.mmap(0, (nuint)length, protection, LinuxFile.MAP_SHARED, file, 0);
        return address == -1
            ? throw LinuxFile.Failed("mmap", path, Marshal.GetLastPInvokeError())
            : new MappedFile(address, length, null, null);
    }

    private static MappedFile MapWindows(SafeFileHandle file, long length, bool writable)
    {
        MemoryMappedFileAccess access = writable ? MemoryMappedFileAccess.ReadWrite : MemoryMappedFileAccess.Read;
        var mapping = MemoryMappedFile.CreateFromFile(file, mapName: null, capacity: 0, access, HandleInheritability.None, leaveOpen: true);
        SafeMemoryMappedViewHandle view = mapping.CreateViewAccessor(0, length, access).SafeMemoryMappedViewHandle;
        byte* address = null;
        view.AcquirePointer(ref address);
        return new MappedFile((nint)address, length, mapping, view);
    }

    /// <summary>Takes the page faults of a writable mapping now instead of at the first store into each page. Best effort: kernels before 5.14 and
    /// Windows take them later.</summary>
    /// <remarks>Piece by piece: each call holds the address space, and while somebody waits to change it (a mapping comes or goes) every page fault of
    /// the process waits, too.</remarks>
    public void Populate()
    {
        if (!OperatingSystem.IsLinux())
            return;
        for (long at = 0; at < Length; at += PopulateStep)
        {
            nuint length = (nuint)Math.Min(PopulateStep, Length - at);
            if (LinuxFile.madvise(handle + (nint)at, length, LinuxFile.MADV_POPULATE_WRITE) != 0)
                return;
        }
    }

    protected override bool ReleaseHandle()
    {
        if (OperatingSystem.IsLinux())
            return LinuxFile.munmap(handle, (nuint)Length) == 0;
        _windowsView!.ReleasePointer();
        _windowsView.Dispose();
        _windowsMapping!.Dispose();
        return true;
    }
}
