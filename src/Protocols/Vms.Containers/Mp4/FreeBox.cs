using System.Buffers.Binary;

namespace Vms.Containers.Mp4;

/// <summary>
/// The `free` box (ISO/IEC 14496-12 §8.1.2) that fills what is stored up to whole blocks, so that every fragment begins and ends where
/// a write past the page cache may begin and end. Players skip it.
/// </summary>
public static class FreeBox
{
    /// <summary>What is stored is a multiple of this long: the page, and the largest sector that disks have.</summary>
    public const int BlockBytes = 4096;

    /// <summary>The largest result of <see cref="SizeBehind"/> that is not asked to be larger.</summary>
    public const int MaxBytes = BlockBytes + HeaderBytes - 1;

    private const int HeaderBytes = 8;

    /// <summary>Size of the box behind so many bytes; 0 when they fill their blocks and nothing else is asked for.</summary>
    /// <param name="least">It is at least so large.</param>
    public static int SizeBehind(int bytes, int least = 0)
    {
        if (least > 0) return least + (-(bytes + least) & (BlockBytes - 1));
        int missing = -bytes & (BlockBytes - 1);
        return missing is > 0 and < HeaderBytes ? missing + BlockBytes : missing;
    }

    /// <summary>Makes the whole of <paramref name="box"/> one such box; nothing when it is empty.</summary>
    public static void Write(Span<byte> box)
    {
        if (box.IsEmpty) return;

        box.Clear();
        BinaryPrimitives.WriteInt32BigEndian(box, box.Length);
        "free"u8.CopyTo(box[4..]);
    }
}
