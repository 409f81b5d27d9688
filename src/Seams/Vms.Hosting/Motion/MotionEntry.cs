using System.Buffers.Binary;

namespace Vms.Hosting.Motion;

/// <summary>The bytes of one motion grid, in files and on the bus (docs/ref/motion-format.md).</summary>
/// <remarks>Stateless.</remarks>
public static class MotionEntry
{
    /// <summary>Of a grid in which every cell changed.</summary>
    public const int MaxBytes = HeadBytes + (CellBytes * MotionGrid.CellCount);

    private const int HeadBytes = 20;
    private const int CellBytes = 2;
    private const byte WholePicture = 1;

    /// <param name="entry">At least <see cref="MaxBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(MotionGrid grid, Span<byte> entry)
    {
        ArgumentNullException.ThrowIfNull(grid);
        int length = HeadBytes;
        for (int cell = 0; cell < grid.Cells.Length; cell++)
        {
            if (grid.Cells.Span[cell] is not (> 0 and var share)) continue;
            entry[length++] = (byte)cell;
            entry[length++] = share;
        }

        BinaryPrimitives.WriteInt64LittleEndian(entry, grid.BeforeUs);
        BinaryPrimitives.WriteInt64LittleEndian(entry[8..], grid.AfterUs);
        entry[16] = (byte)grid.Source;
        entry[17] = grid.IsWholePicture ? WholePicture : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(entry[18..], (ushort)((length - HeadBytes) / CellBytes));
        return length;
    }

    /// <summary>The grid that bytes begin with; null when they begin with none.</summary>
    /// <param name="length">Of its entry.</param>
    public static MotionGrid? Read(ReadOnlySpan<byte> bytes, out int length)
    {
        length = 0;
        if (bytes.Length < HeadBytes) return null;
        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        if (count > MotionGrid.CellCount || bytes.Length < HeadBytes + (count * CellBytes)) return null;
        byte[] cells = count == 0 ? [] : new byte[MotionGrid.CellCount];
        for (int i = 0; i < count; i++)
            cells[bytes[HeadBytes + (i * CellBytes)]] = bytes[HeadBytes + (i * CellBytes) + 1];
        length = HeadBytes + (count * CellBytes);
        return new MotionGrid(
            BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), cells,
            (MotionSource)bytes[16], (bytes[17] & WholePicture) != 0);
    }
}
