using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models.Yolo;

/// <summary>
/// Detectors of the YOLO family that are exported with their boxes decoded to pixels of the input: middle, width and height. Told apart by the output's shape:
/// [N, boxes, 5 + classes] with a sureness of its own (v5, v7), [N, 4 + classes, boxes] (v8 and later) or that one turned, [N, boxes, 4 + classes].
/// </summary>
internal sealed class YoloHead : IObjectHead
{
    private const int BoxSides = 4;

    public float SuppressionOverlap => 0.45f;

    /// <summary>How a box is found in the output: its value v is at box * BoxStep + v * ValueStep.</summary>
    private readonly record struct Layout(int Boxes, int BoxStep, int ValueStep, bool HasSureness);

    public void Check(OnnxTensors tensors, ModelInput input, int classes)
    {
        if (tensors.OutputCount != 1 || LayoutOf(tensors.ShapeOf(0), classes) is null)
        {
            throw new ModelException(
                $"a YOLO model gives one output [N,boxes,{BoxSides + 1 + classes}] or [N,{BoxSides + classes},boxes] for these labels; this one does not");
        }
    }

    public void Read(OnnxTensors tensors, int picture, ModelInput input, int classes, float minScore, List<Candidate> into)
    {
        ReadOnlySpan<long> shape = tensors.ShapeOf(0);
        var layout = LayoutOf(shape, classes)!.Value;
        int length = (int)(shape[1] * shape[2]);
        ReadOnlySpan<float> output = tensors.Output(0).Slice(picture * length, length);
        for (int box = 0; box < layout.Boxes; box++)
        {
            int at = box * layout.BoxStep;
            float sureness = layout.HasSureness ? output[at + (BoxSides * layout.ValueStep)] : 1;
            if (!(sureness >= minScore))
                continue;
            int classesAt = at + ((BoxSides + (layout.HasSureness ? 1 : 0)) * layout.ValueStep), label = 0;
            float best = float.NegativeInfinity;
            for (int i = 0; i < classes; i++)
            {
                float score = output[classesAt + (i * layout.ValueStep)];
                if (score > best)
                    (best, label) = (score, i);
            }

            if (!(best * sureness >= minScore))
                continue;
            float x = output[at], y = output[at + layout.ValueStep], width = output[at + (2 * layout.ValueStep)], height = output[at + (3 * layout.ValueStep)];
            into.Add(new Candidate(
                label, best * sureness, new Box((x - (width / 2)) / input.Width, (y - (height / 2)) / input.Height, width / input.Width, height / input.Height)));
        }
    }

    private static Layout? LayoutOf(ReadOnlySpan<long> shape, int classes) => shape switch
    {
        [_, var boxes, var values] when values == BoxSides + 1 + classes => new Layout((int)boxes, (int)values, 1, HasSureness: true),
        [_, var values, var boxes] when values == BoxSides + classes => new Layout((int)boxes, 1, (int)boxes, HasSureness: false),
        [_, var boxes, var values] when values == BoxSides + classes => new Layout((int)boxes, (int)values, 1, HasSureness: false),
        _ => null,
    };
}
