using Vms.Ai.Models;
using Vms.Ai.Models.Conversion;
using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Tests.Models;

public sealed class ConversionTests
{
    [Fact]
    public void The_shipped_detector_converts_to_the_same_bytes_every_time()
    {
        byte[] first = Convert(), second = Convert();
        Assert.Equal(first, second);
        Assert.Equal(ShippedModels.Detector.Sha256, ModelCatalogue.HashOf(first));
    }

    [Fact]
    public void It_takes_several_pictures_in_one_run_and_says_the_same_of_each()
    {
        using var session = OnnxSession.Open("centernet", Convert(), OnnxRuntimeOptions.Cpu);
        Assert.Equal([-1, 3, 512, 512], session.InputShape);
        using var one = new OnnxTensors(session, [1, 3, 512, 512]);
        using var two = new OnnxTensors(session, [2, 3, 512, 512]);
        for (int i = 0; i < one.Input.Length; i++)
            one.Input[i] = i * 2654435761u >> 24;
        one.Input.CopyTo(two.Input);
        one.Input.CopyTo(two.Input[one.Input.Length..]);
        one.Run();
        two.Run();
        Assert.Equal([1, 80, 128, 128], one.ShapeOf(0).ToArray());
        Assert.Equal([2, 4, 128, 128], two.ShapeOf(1).ToArray());
        for (int i = 0; i < one.Output(0).Length; i += 97)
        {
            Assert.Equal(one.Output(0)[i], two.Output(0)[i], 1e-4f);
            Assert.Equal(one.Output(0)[i], two.Output(0)[one.Output(0).Length + i], 1e-4f);
        }
    }

    private static byte[] Convert() => TfjsConverter.Convert(TfjsModel.Load(NpmModels.CenterNet), ShippedModels.Detector.ConvertedOutputs!);
}
