using System.Runtime.InteropServices;

namespace Vms.Ai.Models.Conversion;

/// <summary>
/// Builds an ONNX model of float tensors (onnx.proto3, ModelProto). What is added twice under one name is there once. Little-endian machines.
/// </summary>
internal sealed class OnnxGraph
{
    private const int IrVersion = 8;
    private const int OperatorSet = 13;

    // TensorProto.DataType
    private const int Float = 1;
    private const int Int64 = 7;

    // AttributeProto.AttributeType
    private const int TypeInt = 2;
    private const int TypeString = 3;
    private const int TypeInts = 7;

    private readonly ProtobufWriter _graph = new();
    private readonly List<(int Field, ProtobufWriter Value)> _ends = [];
    private readonly HashSet<string> _initializers = [];

    /// <summary>A constant of floats; no dimensions: one number.</summary>
    internal void Constant(string name, ReadOnlySpan<long> shape, ReadOnlySpan<float> values) =>
        Initializer(name, shape, Float, MemoryMarshal.AsBytes(values));

    internal void Constant(string name, ReadOnlySpan<long> values) => Initializer(name, [values.Length], Int64, MemoryMarshal.AsBytes(values));

    internal void Node(string operation, IReadOnlyList<string> inputs, string output, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = new ProtobufWriter();
        foreach (string input in inputs)
            node.Text(1, input);
        node.Text(2, output);
        node.Text(3, output);       // the node's own name
        node.Text(4, operation);
        foreach (var attribute in attributes)
            node.Message(5, ToMessage(attribute));
        _graph.Message(1, node);
    }

    /// <param name="shape">A negative length stands for any.</param>
    internal void Input(string name, params ReadOnlySpan<long> shape) => _ends.Add((11, ValueInfo(name, shape)));

    /// <summary>Its shape is left to the runtime, which derives it.</summary>
    internal void Output(string name) => _ends.Add((12, ValueInfo(name, null)));

    internal byte[] ToModel(string producer)
    {
        _graph.Text(2, "graph");
        foreach (var (field, value) in _ends)
            _graph.Message(field, value);
        var operators = new ProtobufWriter();
        operators.Text(1, "");              // the standard domain
        operators.Number(2, OperatorSet);
        var model = new ProtobufWriter();
        model.Number(1, IrVersion);
        model.Text(2, producer);
        model.Message(7, _graph);
        model.Message(8, operators);
        return model.ToArray();
    }

    private void Initializer(string name, ReadOnlySpan<long> shape, int type, ReadOnlySpan<byte> raw)
    {
        if (!_initializers.Add(name))
            return;
        var tensor = new ProtobufWriter();
        foreach (long side in shape)
            tensor.Number(1, side);
        tensor.Number(2, type);
        tensor.Text(8, name);
        tensor.Bytes(9, raw);
        _graph.Message(5, tensor);
    }

    private static ProtobufWriter ToMessage(OnnxAttribute attribute)
    {
        var message = new ProtobufWriter();
        message.Text(1, attribute.Name);
        if (attribute.Text is { } text)
        {
            message.Text(4, text);
            message.Number(20, TypeString);
        }
        else if (attribute.IsList)
        {
            foreach (long number in attribute.Numbers)
                message.Number(8, number);
            message.Number(20, TypeInts);
        }
        else
        {
            message.Number(3, attribute.Numbers[0]);
            message.Number(20, TypeInt);
        }

        return message;
    }

    private static ProtobufWriter ValueInfo(string name, ReadOnlySpan<long> shape)
    {
        var tensor = new ProtobufWriter();
        tensor.Number(1, Float);
        if (shape.Length > 0)
        {
            var sides = new ProtobufWriter();
            foreach (long side in shape)
            {
                var dimension = new ProtobufWriter();
                if (side < 0)
                    dimension.Text(2, "N");
                else
                    dimension.Number(1, side);
                sides.Message(1, dimension);
            }

            tensor.Message(2, sides);
        }

        var type = new ProtobufWriter();
        type.Message(1, tensor);
        var value = new ProtobufWriter();
        value.Text(1, name);
        value.Message(2, type);
        return value;
    }
}

/// <summary>An attribute of a node: one number, several, or a word.</summary>
internal readonly record struct OnnxAttribute(string Name, long[] Numbers, bool IsList, string? Text)
{
    internal static OnnxAttribute Of(string name, long value) => new(name, [value], IsList: false, null);

    internal static OnnxAttribute Of(string name, params long[] values) => new(name, values, IsList: true, null);

    internal static OnnxAttribute Of(string name, string value) => new(name, [], IsList: false, value);
}
