using Vms.Ai.Models;
using Vms.Ai.Models.Commands;
using Vms.Ai.Models.Conversion;
using Vms.Ai.Models.Onnx;
using Vms.Testing;

namespace Vms.Ai.Tests.Models;

public sealed class ModelsCommandTests
{
    [Fact]
    public void A_model_is_tried_added_made_the_default_and_not_removed_while_it_is()
    {
        using var directory = new TestDirectory();
        string file = directory["mine.onnx"];
        File.WriteAllBytes(file, TestCatalogue.CenterNet);

        var (code, said) = Run(directory, "add", file, "--adapter", "centernet", "--licence", "MIT");
        Assert.True(code == 0, said);
        Assert.Contains("of the people in the picture it is tried on", said, StringComparison.Ordinal);
        Assert.Contains("there is such a model", Run(directory, "add", file, "--adapter", "centernet").Said, StringComparison.Ordinal);
        Assert.Contains("mine", Run(directory, "list").Said, StringComparison.Ordinal);
        Assert.Contains("person", Run(directory, "test", "mine").Said, StringComparison.Ordinal);

        Assert.Equal(0, Run(directory, "default", "mine").Code);
        Assert.Contains("* mine", Run(directory, "list").Said, StringComparison.Ordinal);
        Assert.Contains("it is the default", Run(directory, "remove", "mine").Said, StringComparison.Ordinal);
        File.Delete(Path.Combine(directory["data"], "models", "default.txt"));
        Assert.Equal(0, Run(directory, "remove", "mine").Code);
        Assert.Equal(1, Run(directory, "test", "mine").Code);
    }

    [Fact]
    public void A_model_that_finds_nobody_in_a_picture_of_people_is_not_taken()
    {
        using var directory = new TestDirectory();
        string file = directory["blind.onnx"];
        var graph = new OnnxGraph();
        graph.Input("picture", 1, 3, 64, 64);
        graph.Constant("nothing", [1, 84, 85], new float[84 * 85]);
        graph.Node("Identity", ["nothing"], "output");
        graph.Output("output");
        File.WriteAllBytes(file, graph.ToModel("test"));

        var (code, said) = Run(directory, "add", file, "--adapter", "yolox", "--size", "64x64");
        Assert.Equal(1, code);
        Assert.Contains("finds 0 of", said, StringComparison.Ordinal);
        Assert.Contains("this adapter gives [1,3,416,416]", Run(directory, "add", file, "--adapter", "yolox").Said, StringComparison.Ordinal);
        Assert.Contains("do not rise", Run(directory, "add", file, "--adapter", "yolox", "--size", "64x64", "--scores", "0.5=0.8,0.4=0.9").Said, StringComparison.Ordinal);
        Assert.Empty(Run(directory, "list").Said);
    }

    [Theory]
    [InlineData("", "it is no ONNX file")]
    [InlineData("#!/bin/sh\nrm -rf /\n", "damaged, or no ONNX file")]
    public void What_is_no_model_is_refused(string content, string reason)
    {
        using var directory = new TestDirectory();
        string file = directory["hostile.onnx"];
        File.WriteAllText(file, content);
        var (code, said) = Run(directory, "add", file, "--adapter", "yolo");
        Assert.Equal(1, code);
        Assert.Contains(reason, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_would_read_other_files_is_refused()
    {
        var location = new ProtobufWriter();
        location.Text(1, "location");
        location.Text(2, "../../etc/passwd");
        var tensor = new ProtobufWriter();
        tensor.Number(1, 4);
        tensor.Number(2, 1);
        tensor.Text(8, "weights");
        tensor.Message(13, location);
        tensor.Number(14, 1);
        var graph = new ProtobufWriter();
        graph.Message(5, tensor);
        var operators = new ProtobufWriter();
        operators.Number(2, 13);
        var model = new ProtobufWriter();
        model.Message(7, graph);
        model.Message(8, operators);
        Assert.Contains("weights in other files", OnnxFile.Complaint(model.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_models_are_answered_and_never_crash_what_looks_into_them()
    {
        byte[] whole = TestCatalogue.CenterNet[..20_000];
        Assert.NotNull(OnnxFile.Complaint(whole));      // it ends in the middle
        var random = new Random(11);
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = whole[..random.Next(whole.Length)];
            for (int i = 0; i < 8 && bytes.Length > 0; i++)
                bytes[random.Next(Math.Min(bytes.Length, 400))] = (byte)random.Next(256);
            _ = OnnxFile.Complaint(bytes);
        }
    }

    [Theory]
    [InlineData("add")]
    [InlineData("list", "--frobnicate")]
    [InlineData("add", "x.onnx", "--size", "large")]
    public void Arguments_that_make_no_sense_are_said(params string[] args)
    {
        using var directory = new TestDirectory();
        Assert.Equal(64, Run(directory, args).Code);
    }

    [Fact]
    public void The_shipped_models_are_what_they_are_known_to_be_and_run()
    {
        using var directory = new TestDirectory();
        var catalogue = ShippedCatalogue.Open(directory);
        Assert.Equal(ShippedModels.All.Select(m => m.Name).Order(StringComparer.Ordinal), catalogue.List().Select(e => e.Name));
        Assert.All(catalogue.List(), e => Assert.Null(e.Problem));
        Assert.Throws<ModelException>(() => catalogue.Check("centernet", catalogue.Find("centernet")!.Manifest!));
        Assert.Throws<ModelException>(() => catalogue.Remove("centernet"));
    }

    private static (int Code, string Said) Run(TestDirectory directory, params string[] args)
    {
        using var said = new StringWriter();
        return (ModelsCommand.Run([.. args, "--data", directory["data"]], said, said), said.ToString());
    }
}
