using Vms.Ai.Detectors;
using Vms.Ai.Models;
using Vms.Ai.Models.Onnx;
using Vms.Ai.Tests.Models;
using Vms.Testing;

namespace Vms.Ai.Tests.Detectors;

public sealed class DetectorPoolTests
{
    private static readonly DetectorPoolOptions s_options = new(OnnxProvider.Cpu, Workers: 1, Room: 4, TimeSpan.FromMinutes(1));

    [Fact]
    public async Task People_are_found_in_footage_of_a_car_park()
    {
        using var directory = new TestDirectory();
        var catalogue = TestCatalogue.With(directory, TestCatalogue.Detector);
        using var pool = Pool(catalogue);
        using var picture = TestPictures.Load(TestPictures.Footage, 768, 576, frame: 100);
        var found = await pool.DetectAsync(ModelCatalogue.Default, picture, Box.Whole, 0.3f, TestContext.Current.CancellationToken);
        Assert.True(found!.Count(d => d.Class == "person") >= 4);
        Assert.All(found!, d => Assert.True(d.Box.X >= 0 && d.Box.Y >= 0 && d.Box.Right <= 1.0001f && d.Box.Bottom <= 1.0001f));
        Assert.Equal(ModelCatalogue.HashOf(TestCatalogue.CenterNet), pool.HashOf(ModelCatalogue.Default));
        Assert.Equal(DetectorState.Ready, pool.StatusOf(ModelCatalogue.Default).State);
        Assert.Equal(DetectorState.Ready, pool.StatusOf(catalogue.DefaultName()).State);        // as the list of models asks for it
        Assert.Equal(1, pool.Load.Done);
    }

    [Fact]
    public async Task More_pictures_than_there_is_room_for_are_refused_and_counted()
    {
        using var directory = new TestDirectory();
        using var pool = Pool(TestCatalogue.With(directory, TestCatalogue.Detector));
        using var picture = Picture.Rent(64, 64);
        var answers = Enumerable.Range(0, 64).Select(_ => pool.DetectAsync("centernet", picture, Box.Whole, 0.3f, CancellationToken.None).AsTask()).ToArray();
        var found = await Task.WhenAll(answers);
        int refused = found.Count(f => f is null);
        Assert.InRange(refused, 48, 60);     // four wait; a run may have taken up to eight more
        Assert.Equal(refused, pool.Load.Refused);
        Assert.Equal(64 - refused, pool.Load.Done);
    }

    [Fact]
    public async Task A_picture_that_waits_can_be_withdrawn()
    {
        using var directory = new TestDirectory();
        using var pool = Pool(TestCatalogue.With(directory, TestCatalogue.Detector));
        using var picture = Picture.Rent(64, 64);
        using var cancel = new CancellationTokenSource();
        var first = pool.DetectAsync("centernet", picture, Box.Whole, 0.3f, CancellationToken.None).AsTask();   // loads the model
        var second = pool.DetectAsync("centernet", picture, Box.Whole, 0.3f, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.NotNull(await first);
        Assert.NotNull(await pool.DetectAsync("centernet", picture, Box.Whole, 0.3f, CancellationToken.None));
    }

    [Fact]
    public async Task A_model_that_is_no_onnx_file_fails_with_a_reason_and_nothing_else_does()
    {
        using var directory = new TestDirectory();
        byte[] rubbish = "not a model"u8.ToArray();
        var broken = ("broken", TestCatalogue.ManifestOf("centernet", 512, 512, CocoLabels.All, rubbish), rubbish);
        using var pool = Pool(TestCatalogue.With(directory, TestCatalogue.Detector, broken));
        using var picture = Picture.Rent(64, 64);
        Assert.Equal(DetectorState.Idle, pool.StatusOf("broken").State);
        var problem = await Assert.ThrowsAsync<ModelException>(async () => await pool.DetectAsync("broken", picture, Box.Whole, 0.3f, CancellationToken.None));
        Assert.StartsWith("broken: ", problem.Message, StringComparison.Ordinal);
        Assert.Equal(DetectorState.Failed, pool.StatusOf("broken").State);
        Assert.Contains("vms models list", pool.StatusOf("nobody").Problem, StringComparison.Ordinal);
        Assert.NotNull(await pool.DetectAsync("centernet", picture, Box.Whole, 0.3f, CancellationToken.None));
    }

    [Fact]
    public async Task A_file_that_changed_since_it_was_added_is_not_run()
    {
        using var directory = new TestDirectory();
        var (name, manifest, model) = TestCatalogue.Detector;
        using var pool = Pool(TestCatalogue.With(directory, (name, manifest, [.. model, 0])));
        using var picture = Picture.Rent(64, 64);
        var problem = await Assert.ThrowsAsync<ModelException>(async () => await pool.DetectAsync(name, picture, Box.Whole, 0.3f, CancellationToken.None));
        Assert.Contains("its hash is another one", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_default_counts_within_seconds()
    {
        using var directory = new TestDirectory();
        byte[] bytes = HeadTests.ConstantModel(64, [([1, 1, 6], [32, 32, 64, 64, 1, 0.9f])]);
        var catalogue = TestCatalogue.With(directory, TestCatalogue.Detector);
        var clock = new ManualTimeProvider();
        using var pool = TestCatalogue.Pool(catalogue, s_options, clock);
        using var picture = Picture.Rent(64, 64);
        picture.Bgr.Span.Clear();
        Assert.Empty((await pool.DetectAsync(ModelCatalogue.Default, picture, Box.Whole, 0.3f, CancellationToken.None))!);

        catalogue.Add("ghosts", TestCatalogue.ManifestOf("yolo", 64, 64, ["ghost"], bytes), bytes);
        catalogue.SetDefault("ghosts");
        clock.Advance(TimeSpan.FromSeconds(6));
        var found = await pool.DetectAsync(ModelCatalogue.Default, picture, Box.Whole, 0.3f, CancellationToken.None);
        Assert.Equal("ghost", Assert.Single(found!).Class);
        Assert.Equal(ModelCatalogue.HashOf(bytes), pool.HashOf(ModelCatalogue.Default));
        Assert.NotNull(await pool.DetectAsync("centernet", picture, Box.Whole, 0.3f, CancellationToken.None));
    }

    [Fact]
    public async Task A_model_that_failed_is_tried_again_when_the_catalogue_has_changed_though_nobody_asks_it_for_anything()
    {
        using var directory = new TestDirectory();
        byte[] rubbish = "not a model"u8.ToArray(), good = HeadTests.ConstantModel(64, [([1, 1, 6], [32, 32, 64, 64, 1, 0.9f])]);
        var catalogue = TestCatalogue.With(directory, TestCatalogue.Detector);
        catalogue.Add("mine", TestCatalogue.ManifestOf("yolo", 64, 64, ["ghost"], rubbish), rubbish);
        var clock = new ManualTimeProvider();
        using var pool = TestCatalogue.Pool(catalogue, s_options, clock);
        using var picture = Picture.Rent(64, 64);
        await Assert.ThrowsAsync<ModelException>(async () => await pool.DetectAsync("mine", picture, Box.Whole, 0.3f, CancellationToken.None));
        Assert.Equal(DetectorState.Failed, pool.StatusOf("mine").State);

        catalogue.Remove("mine");
        catalogue.Add("mine", TestCatalogue.ManifestOf("yolo", 64, 64, ["ghost"], good), good);
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(DetectorState.Idle, pool.StatusOf("mine").State);
        Assert.Single((await pool.DetectAsync("mine", picture, Box.Whole, 0.3f, CancellationToken.None))!);
    }

    [Fact]
    public async Task Where_it_cannot_be_read_which_model_is_the_default_that_is_the_reason_and_another_is_not_taken()
    {
        using var directory = new TestDirectory();
        using var pool = Pool(TestCatalogue.With(directory, TestCatalogue.Detector));
        directory.Create(Path.Combine("own", "default.txt"));       // as a file without permission: nobody reads it
        using var picture = Picture.Rent(64, 64);
        Assert.Equal(DetectorState.Failed, pool.StatusOf(ModelCatalogue.Default).State);
        Assert.Contains("default.txt cannot be read", pool.StatusOf(ModelCatalogue.Default).Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ModelException>(async () => await pool.DetectAsync(ModelCatalogue.Default, picture, Box.Whole, 0.3f, CancellationToken.None));
        Assert.Equal(DetectorState.Idle, pool.StatusOf("centernet").State);
    }

    private static DetectorPool Pool(ModelCatalogue catalogue) => TestCatalogue.Pool(catalogue, s_options);
}
