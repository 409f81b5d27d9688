using System.Buffers.Binary;
using System.Text;

namespace Vms.Ai.Models.Onnx;

/// <summary>
/// Looks into an ONNX file (onnx.proto3) before the runtime gets it: it is whole, uses the operators that the runtime itself has, and keeps all weights within itself.
/// A file that names others would have them read from anywhere on the disk. Any bytes are answered with a value.
/// </summary>
internal static class OnnxFile
{
    private const int DeepestNesting = 32;
    private const int External = 1;     // TensorProto.DataLocation

    private static readonly string[] s_domains = ["", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc"];

    /// <summary>What is wrong with it; null when nothing is.</summary>
    internal static string? Complaint(ReadOnlySpan<byte> model)
    {
        bool hasGraph = false, hasOperators = false;
        var fields = new ProtobufFields(model);
        while (fields.Next())
        {
            string? complaint = null;
            switch (fields.Number)
            {
                case 7:     // graph
                    hasGraph = true;
                    complaint = OfGraph(fields.Bytes, 0);
                    break;
                case 8:     // opset_import
                    hasOperators = true;
                    complaint = OfDomain(fields.Bytes, field: 1);
                    break;
                case 25:    // functions: their nodes
                    complaint = OfFunction(fields.Bytes);
                    break;
            }

            if (complaint is not null)
                return complaint;
        }

        return fields.IsBroken ? "it is damaged, or no ONNX file" : hasGraph && hasOperators ? null : "it is no ONNX file";
    }

    private static string? OfFunction(ReadOnlySpan<byte> function)
    {
        var fields = new ProtobufFields(function);
        while (fields.Next())
        {
            if (fields.Number == 7 && OfNode(fields.Bytes, 0) is { } complaint)
                return complaint;
        }

        return fields.IsBroken ? "it is damaged" : null;
    }

    private static string? OfGraph(ReadOnlySpan<byte> graph, int depth)
    {
        if (depth > DeepestNesting)
            return $"its graphs are nested more than {DeepestNesting} deep";
        var fields = new ProtobufFields(graph);
        while (fields.Next())
        {
            string? complaint = fields.Number switch
            {
                1 => OfNode(fields.Bytes, depth),
                5 => OfTensor(fields.Bytes),            // initializer
                15 => OfSparse(fields.Bytes),           // sparse_initializer
                _ => null,
            };
            if (complaint is not null)
                return complaint;
        }

        return fields.IsBroken ? "it is damaged" : null;
    }

    private static string? OfNode(ReadOnlySpan<byte> node, int depth)
    {
        if (OfDomain(node, field: 7) is { } foreign)
            return foreign;
        var fields = new ProtobufFields(node);
        while (fields.Next())
        {
            if (fields.Number == 5 && OfAttribute(fields.Bytes, depth) is { } complaint)
                return complaint;
        }

        return fields.IsBroken ? "it is damaged" : null;
    }

    private static string? OfAttribute(ReadOnlySpan<byte> attribute, int depth)
    {
        var fields = new ProtobufFields(attribute);
        while (fields.Next())
        {
            string? complaint = fields.Number switch
            {
                5 or 10 => OfTensor(fields.Bytes),
                6 or 11 => OfGraph(fields.Bytes, depth + 1),
                22 or 23 => OfSparse(fields.Bytes),
                _ => null,
            };
            if (complaint is not null)
                return complaint;
        }

        return fields.IsBroken ? "it is damaged" : null;
    }

    private static string? OfSparse(ReadOnlySpan<byte> tensor)
    {
        var fields = new ProtobufFields(tensor);
        while (fields.Next())
        {
            if (fields.Number is 1 or 2 && OfTensor(fields.Bytes) is { } complaint)
                return complaint;
        }

        return fields.IsBroken ? "it is damaged" : null;
    }

    private static string? OfTensor(ReadOnlySpan<byte> tensor)
    {
        var fields = new ProtobufFields(tensor);
        while (fields.Next())
        {
            if (fields.Number == 13 || (fields.Number == 14 && fields.Value == External))
                return "it keeps weights in other files; export it as one file";
        }

        return fields.IsBroken ? "it is damaged" : null;
    }

    private static string? OfDomain(ReadOnlySpan<byte> message, int field)
    {
        var fields = new ProtobufFields(message);
        while (fields.Next())
        {
            if (fields.Number == field && Encoding.UTF8.GetString(fields.Bytes) is var domain && !s_domains.Contains(domain))
                return $"it needs operators of '{(domain.Length > 64 ? domain[..64] : domain)}', which are not part of ONNX Runtime";
        }

        return fields.IsBroken ? "it is damaged" : null;
    }

    /// <summary>The fields of one message, one after the other; stops at the first that cannot be read.</summary>
    private ref struct ProtobufFields(ReadOnlySpan<byte> message)
    {
        private ReadOnlySpan<byte> _rest = message;

        internal int Number { get; private set; }

        /// <summary>Of a number's field.</summary>
        internal ulong Value { get; private set; }

        /// <summary>Of a field with a length.</summary>
        internal ReadOnlySpan<byte> Bytes { get; private set; }

        internal bool IsBroken { get; private set; }

        internal bool Next()
        {
            if (_rest.IsEmpty || IsBroken)
                return false;
            Value = 0;
            Bytes = default;
            bool read = Varint(out ulong tag) && Content((int)(tag & 7));
            Number = (int)Math.Min(tag >> 3, int.MaxValue);
            IsBroken = !read || Number == 0;
            return !IsBroken;
        }

        private bool Content(int wireType)
        {
            switch (wireType)
            {
                case 0:
                    if (!Varint(out ulong value))
                        return false;
                    Value = value;
                    return true;
                case 1:
                    return Skip(sizeof(ulong));
                case 2:
                    if (!Varint(out ulong length) || length > (ulong)_rest.Length)
                        return false;
                    Bytes = _rest[..(int)length];
                    _rest = _rest[(int)length..];
                    return true;
                case 5:
                    return Skip(sizeof(uint));
                default:
                    return false;
            }
        }

        private bool Skip(int length)
        {
            if (_rest.Length < length)
                return false;
            Value = length == sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(_rest) : BinaryPrimitives.ReadUInt64LittleEndian(_rest);
            _rest = _rest[length..];
            return true;
        }

        private bool Varint(out ulong value)
        {
            value = 0;
            for (int shift = 0; shift < 64 && !_rest.IsEmpty; shift += 7)
            {
                byte next = _rest[0];
                _rest = _rest[1..];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return true;
            }

            return false;
        }
    }
}
