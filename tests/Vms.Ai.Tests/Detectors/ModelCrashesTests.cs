using Microsoft.Extensions.Logging.Abstractions;
using Vms.Ai.Crashes;
using Vms.Ai.Detectors;
using Vms.Ai.Models;
using Vms.Ai.Models.Onnx;
using Vms.Ai.Tests.Models;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Ai.Tests.Detectors;

public sealed class ModelCrashesTests : IDisposable
{
    private static readonly DetectorPoolOptions s_options = new(OnnxProvider.Cpu, Workers: 1, Room: 4, TimeSpan.FromMinutes(1));

    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_model_that_ended_the_process_three_times_is_not_loaded_says_until_when_and_is_tried_again_then()
    {
        byte[] bytes = HeadTests.ConstantModel(64, [([1, 1, 6], [32, 32, 64, 64, 1, 0.9f])]);
        var manifest = TestCatalogue.ManifestOf("yolo", 64, 64, ["ghost"], bytes);
        var catalogue = TestCatalogue.With(_directory, ("mine", manifest, bytes));
        for (int i = 0; i < 3; i++)
        {
            Open().Dispose();
            Crash(ModelCrashes.KeyOf("mine", manifest));
        }

        using var picture = Picture.Rent(64, 64);
        picture.Bgr.Span.Clear();
        using (ModelCrashes crashes = Open())
        using (var pool = new DetectorPool(catalogue, s_options, crashes, _time, NullLogger<DetectorPool>.Instance))
        {
            Assert.Equal(_time.GetUtcNow() + TimeSpan.FromMinutes(10), Assert.Single(crashes.Ends).LeftOutUntil);
            var problem = await Assert.ThrowsAsync<ModelException>(async () => await DetectAsync(pool));
            Assert.Contains("ended the process", problem.Message, StringComparison.Ordinal);
            Assert.Equal((DetectorState.Failed, true), (pool.StatusOf("mine").State, pool.StatusOf("mine").IsLeftOut));
        }

        _time.Advance(TimeSpan.FromMinutes(11));
        using (ModelCrashes crashes = Open())
        using (var pool = new DetectorPool(catalogue, s_options, crashes, _time, NullLogger<DetectorPool>.Instance))
        {
            Assert.Single((await DetectAsync(pool))!);
            Assert.Equal(DetectorState.Ready, pool.StatusOf("mine").State);
        }

        // It came through: nothing was left in the notes.
        using ModelCrashes after = Open();
        Assert.Empty(after.Ends);

        ValueTask<IReadOnlyList<Detection>?> DetectAsync(DetectorPool pool) => pool.DetectAsync("mine", picture, Box.Whole, 0.3f, CancellationToken.None);
    }

    [Fact]
    public void Another_file_under_the_same_name_is_another_model()
    {
        var first = TestCatalogue.ManifestOf("yolo", 64, 64, ["ghost"], [1]);
        for (int i = 0; i < 3; i++)
        {
            Open().Dispose();
            Crash(ModelCrashes.KeyOf("mine", first));
        }

        using ModelCrashes crashes = Open();
        Assert.Throws<ModelException>(() => crashes.Check("mine", ModelCrashes.KeyOf("mine", first)));
        crashes.Check("mine", ModelCrashes.KeyOf("mine", TestCatalogue.ManifestOf("yolo", 64, 64, ["ghost"], [2])));
    }

    [Fact]
    public async Task Who_ends_in_order_waits_for_the_run_and_blames_no_model()
    {
        byte[] bytes = HeadTests.ConstantModel(64, [([1, 1, 6], [32, 32, 64, 64, 1, 0.9f])]);
        var catalogue = TestCatalogue.With(_directory, ("mine", TestCatalogue.ManifestOf("yolo", 64, 64, ["ghost"], bytes), bytes));
        using var picture = Picture.Rent(64, 64);
        picture.Bgr.Span.Clear();
        ModelCrashes crashes = Open();
        var pool = new DetectorPool(catalogue, s_options, crashes, _time, NullLogger<DetectorPool>.Instance);
        var asked = pool.DetectAsync("mine", picture, Box.Whole, 0.3f, CancellationToken.None).AsTask();
        pool.Dispose();
        await Task.WhenAny(asked).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);     // looked at, or told that it will not be

        CrashBook.Dealing late = crashes.Begin("still-being-loaded");
        crashes.Dispose();
        late.End();
        crashes.Begin("after-the-end").End();
        using ModelCrashes after = Open();
        Assert.Empty(after.Ends);
    }

    public void Dispose() => _directory.Dispose();

    /// <summary>The process ends while the model is loaded or run.</summary>
    private void Crash(string key) => CrashedProcess.LeaveNotes(Options, "analysis-models.notes", key);

    private PlaneOptions Options => TestCatalogue.OptionsOf(_directory["data"]);

    private ModelCrashes Open() => new(Options, new Suspects(), _time, NullLogger<ModelCrashes>.Instance);
}
