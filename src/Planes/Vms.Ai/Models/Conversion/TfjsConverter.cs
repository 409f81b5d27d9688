namespace Vms.Ai.Models.Conversion;

/// <summary>
/// Converts a TensorFlow.js graph model to ONNX: the operations that detectors of one picture are made of. TensorFlow's [N, H, W, C] becomes
/// [N, C, H, W] all the way, input and outputs included, and N becomes free. The same model gives the same bytes.
/// </summary>
internal sealed class TfjsConverter
{
    private const string Zero = "zero";
    private const string Six = "six";

    private readonly TfjsModel _model;
    private readonly OnnxGraph _graph = new();
    private readonly HashSet<string> _emitted = [];

    private TfjsConverter(TfjsModel model) => _model = model;

    /// <param name="outputs">Names of the nodes to give out; what none of them needs is left out.</param>
    /// <exception cref="InvalidDataException">The model has an operation that is not known here.</exception>
    internal static byte[] Convert(TfjsModel model, IReadOnlyList<string> outputs)
    {
        var converter = new TfjsConverter(model);
        foreach (string output in outputs)
            converter.Emit(output);
        foreach (string output in outputs)
            converter._graph.Output(output);
        return converter._graph.ToModel("vms");
    }

    private void Emit(string name)
    {
        if (!_emitted.Add(name))
            return;
        var node = _model.Node(name);
        string[] inputs = node.Inputs;
        switch (node.Operation)
        {
            case "Placeholder":
                if (node.Shape is not [_, var height, var width, var channels])
                    throw Unknown(node, "an input that is no picture");
                _graph.Input(name, -1, channels, height, width);
                break;
            case "Conv2D" or "_FusedConv2D":
                Convolution(node, inputs, isDepthwise: false);
                break;
            case "DepthwiseConv2dNative" or "FusedDepthwiseConv2dNative":
                Convolution(node, inputs, isDepthwise: true);
                break;
            case "Add" or "AddV2" or "Sub" or "Mul":
                _graph.Node(node.Operation == "AddV2" ? "Add" : node.Operation, [Operand(inputs[0]), Operand(inputs[1])], name);
                break;
            case "Relu" or "Sigmoid" or "Identity":
                Emit(inputs[0]);
                _graph.Node(node.Operation, [inputs[0]], name);
                break;
            case "Relu6":
                Emit(inputs[0]);
                Clip(inputs[0], name);
                break;
            case "Mean":
                Emit(inputs[0]);
                long[] axes = [.. Integers(inputs[1]).Select(AxisOf)];
                _graph.Node("ReduceMean", [inputs[0]], name, OnnxAttribute.Of("axes", axes), OnnxAttribute.Of("keepdims", 1));
                break;
            case "MaxPool":
                Emit(inputs[0]);
                int[] size = node.Numbers("ksize"), strides = node.Numbers("strides");
                _graph.Node("MaxPool", [inputs[0]], name, OnnxAttribute.Of("kernel_shape", size[1], size[2]), OnnxAttribute.Of("strides", strides[1], strides[2]), Padding(node));
                break;
            case "ConcatV2":
                foreach (string part in inputs[..^1])
                    Emit(part);
                _graph.Node("Concat", inputs[..^1], name, OnnxAttribute.Of("axis", AxisOf(Integers(inputs[^1])[0])));
                break;
            case "ResizeBilinear":
                Emit(inputs[0]);
                Resize(node, inputs);
                break;
            default:
                throw Unknown(node, "the operation");
        }
    }

    private void Convolution(TfjsNode node, string[] inputs, bool isDepthwise)
    {
        Emit(inputs[0]);
        string weights = inputs[1] + "/planes";
        if (_model.Weight(inputs[1]) is not { Shape: [var rows, var columns, var channels, var filters], Floats: { } values })
            throw Unknown(node, "weights that are no constant");
        long[] shape = isDepthwise ? [channels * filters, 1, rows, columns] : [filters, channels, rows, columns];
        _graph.Constant(weights, shape, ToPlanes(values, rows, columns, channels, filters, isDepthwise));

        var operands = new List<string> { inputs[0], weights };
        string[] fused = node.Texts("fused_ops");
        if (fused.Contains("BiasAdd"))
        {
            float[] bias = Floats(inputs[2]);
            _graph.Constant(inputs[2] + "/bias", [bias.Length], bias);
            operands.Add(inputs[2] + "/bias");
        }

        string? activation = fused.LastOrDefault(f => f != "BiasAdd");
        string output = activation is null ? node.Name : node.Name + "/sum";
        int[] strides = node.Numbers("strides"), dilations = node.Numbers("dilations");
        OnnxAttribute[] attributes =
        [
            OnnxAttribute.Of("kernel_shape", rows, columns), OnnxAttribute.Of("strides", strides[1], strides[2]),
            OnnxAttribute.Of("dilations", dilations[1], dilations[2]), Padding(node), OnnxAttribute.Of("group", isDepthwise ? channels : 1L),
        ];
        _graph.Node("Conv", operands, output, attributes);
        if (activation == "Relu")
            _graph.Node("Relu", [output], node.Name);
        else if (activation == "Relu6")
            Clip(output, node.Name);
        else if (activation is not null)
            throw Unknown(node, $"{activation} after a convolution");
    }

    /// <summary>TensorFlow keeps rows, columns, channels, filters; ONNX wants filters (of a depthwise one: each channel's), channels, rows, columns.</summary>
    private static float[] ToPlanes(float[] values, int rows, int columns, int channels, int filters, bool isDepthwise)
    {
        var planes = new float[values.Length];
        int area = rows * columns;
        for (int place = 0; place < area; place++)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                for (int filter = 0; filter < filters; filter++)
                {
                    int kernel = isDepthwise ? (channel * filters) + filter : (filter * channels) + channel;
                    planes[(kernel * area) + place] = values[(((place * channels) + channel) * filters) + filter];
                }
            }
        }

        return planes;
    }

    private void Resize(TfjsNode node, string[] inputs)
    {
        int[] target = Integers(inputs[1]);
        string name = node.Name;
        _graph.Constant(name + "/size", [target[0], target[1]]);
        _graph.Constant(name + "/from", [0]);
        _graph.Constant(name + "/to", [2]);
        _graph.Node("Shape", [inputs[0]], name + "/shape");
        _graph.Node("Slice", [name + "/shape", name + "/from", name + "/to"], name + "/outer");
        _graph.Node("Concat", [name + "/outer", name + "/size"], name + "/sizes", OnnxAttribute.Of("axis", 0));
        string coordinates = node.Flag("align_corners") ? "align_corners" : node.Flag("half_pixel_centers") ? "half_pixel" : "asymmetric";
        _graph.Node(
            "Resize", [inputs[0], "", "", name + "/sizes"], name,
            OnnxAttribute.Of("mode", "linear"), OnnxAttribute.Of("coordinate_transformation_mode", coordinates));
    }

    /// <summary>An operand of arithmetic: another node's output, a number, or one number per channel.</summary>
    private string Operand(string name)
    {
        if (_model.Weight(name) is not { Floats: { } values } weight)
        {
            Emit(name);
            return name;
        }

        long[] shape = weight.Shape switch
        {
            [] => [],
            [var channels] => [1, channels, 1, 1],
            _ => throw new InvalidDataException($"'{name}': a constant with {weight.Shape.Length} dimensions is not converted"),
        };
        _graph.Constant(name, shape, values);
        return name;
    }

    private void Clip(string input, string output)
    {
        _graph.Constant(Zero, ReadOnlySpan<long>.Empty, [0f]);
        _graph.Constant(Six, ReadOnlySpan<long>.Empty, [6f]);
        _graph.Node("Clip", [input, Zero, Six], output);
    }

    private static OnnxAttribute Padding(TfjsNode node) => OnnxAttribute.Of("auto_pad", node.Text("padding") == "SAME" ? "SAME_UPPER" : "VALID");

    private int[] Integers(string name) => _model.Weight(name)?.Integers ?? throw new InvalidDataException($"'{name}' is no constant of whole numbers");

    private float[] Floats(string name) => _model.Weight(name)?.Floats ?? throw new InvalidDataException($"'{name}' is no constant");

    private static long AxisOf(int axis) => axis switch
    {
        0 => 0,
        1 => 2,
        2 => 3,
        3 or -1 => 1,
        _ => throw new InvalidDataException($"There is no axis {axis} in a picture"),
    };

    private static InvalidDataException Unknown(TfjsNode node, string what) => new($"{what} is not converted: {node.Operation} '{node.Name}'");
}
