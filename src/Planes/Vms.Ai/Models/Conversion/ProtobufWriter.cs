using System.Buffers;
using System.Text;

namespace Vms.Ai.Models.Conversion;

/// <summary>Writes the fields of one protobuf message, in the order they are given: the same calls give the same bytes.</summary>
internal sealed class ProtobufWriter
{
    private const int VariableLength = 0;
    private const int LengthDelimited = 2;

    private readonly ArrayBufferWriter<byte> _bytes = new();

    internal void Number(int field, long value)
    {
        Varint(((ulong)field << 3) | VariableLength);
        Varint((ulong)value);
    }

    internal void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | LengthDelimited);
        Varint((ulong)value.Length);
        _bytes.Write(value);
    }

    internal void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    internal void Message(int field, ProtobufWriter value) => Bytes(field, value._bytes.WrittenSpan);

    internal byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Write([(byte)(value | 0x80)]);
        _bytes.Write([(byte)value]);
    }
}
