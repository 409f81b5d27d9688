using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models.Yolo;

/// <summary>
/// YOLOX (arXiv 2107.08430) as it is exported without decoding. Output [N, cells, 5 + classes]: the cells of grids of 8, 16 and 32 pixels one after the other,
/// row by row; in each: middle from the cell's corner in cells, logarithm of the size in cells, how sure it is that there is something, and how sure of each class.
/// </summary>
internal sealed class YoloxHead : IObjectHead
{
    private const int BoxAndSureness = 5;
    private static readonly int[] s_strides = [8, 16, 32];

    public float SuppressionOverlap => 0.45f;

    public void Check(OnnxTensors tensors, ModelInput input, int classes)
    {
        int cells = s_strides.Sum(stride => input.Width / stride * (input.Height / stride));
        if (tensors.OutputCount != 1 || tensors.ShapeOf(0) is not [_, var rows, var values] || rows != cells || values != BoxAndSureness + classes)
            throw new ModelException($"YOLOX gives one output [N,{cells},{BoxAndSureness + classes}] for these labels and this input; this model does not");
    }

    public void Read(OnnxTensors tensors, int picture, ModelInput input, int classes, float minScore, List<Candidate> into)
    {
        int cells = (int)tensors.ShapeOf(0)[1], values = BoxAndSureness + classes, cell = 0;
        ReadOnlySpan<float> output = tensors.Output(0).Slice(picture * cells * values, cells * values);
        foreach (int stride in s_strides)
        {
            for (int y = 0; y < input.Height / stride; y++)
            {
                for (int x = 0; x < input.Width / stride; x++, cell++)
                {
                    ReadOnlySpan<float> row = output.Slice(cell * values, values);
                    if (row[4] < minScore)      // no class can make it more
                        continue;
                    int label = BestClass.Of(row[BoxAndSureness..]);
                    float score = row[4] * row[BoxAndSureness + label];
                    if (!(score >= minScore))
                        continue;
                    float middleX = (x + row[0]) * stride, middleY = (y + row[1]) * stride, width = MathF.Exp(row[2]) * stride, height = MathF.Exp(row[3]) * stride;
                    into.Add(new Candidate(
                        label, score, new Box((middleX - (width / 2)) / input.Width, (middleY - (height / 2)) / input.Height, width / input.Width, height / input.Height)));
                }
            }
        }
    }
}
