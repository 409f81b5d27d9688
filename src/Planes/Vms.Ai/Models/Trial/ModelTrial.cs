using Vms.Ai.Detectors;
using Vms.Ai.Models.Onnx;
using Vms.Native.Ffmpeg;

namespace Vms.Ai.Models.Trial;

/// <param name="Found">In the picture, best first.</param>
/// <param name="RunTime">Of one picture, once everything is warm.</param>
/// <param name="People">How many of the people in the stored picture it found; null when it does not look for people, or at another picture.</param>
internal sealed record TrialResult(IReadOnlyList<Detection> Found, TimeSpan RunTime, int? People);

/// <summary>
/// Tries a model before it is used: the file is looked into, loaded and run, its outputs have the shapes that its adapter reads, and people who are in a stored picture
/// (the car park of PETS 2009, from OpenCV's examples) are found.
/// </summary>
internal static class ModelTrial
{
    /// <summary>How many of <see cref="s_people"/> it has to find: fewer means that labels, colours or sizes are not the model's.</summary>
    internal const int FewestPeople = 2;

    private const float LowScore = 0.15f;
    private const float SamePlace = 0.4f;
    private const int Runs = 5;

    /// <summary>The people in the foreground, by hand.</summary>
    private static readonly Box[] s_people =
    [
        new(0.763f, 0.274f, 0.045f, 0.135f), new(0.450f, 0.350f, 0.045f, 0.125f), new(0.490f, 0.307f, 0.042f, 0.145f),
        new(0.640f, 0.262f, 0.041f, 0.118f), new(0.664f, 0.269f, 0.042f, 0.110f),
    ];

    /// <exception cref="ModelException">It is not fit for use; the message says why.</exception>
    internal static TrialResult OfObjects(string name, byte[] model, ModelManifest manifest, Picture? picture, OnnxRuntimeOptions runtime, TimeProvider time)
    {
        if (OnnxFile.Complaint(model) is { } complaint)
            throw new ModelException($"{name}: {complaint}");
        using var loaded = new ObjectModel(name, model, manifest, runtime);
        using var run = new ObjectRun(loaded);
        using var stored = picture is null ? StoredPicture() : null;
        run.Begin(1);
        run.Put(0, picture ?? stored!, Box.Whole);
        run.Run();
        var found = run.Read(0, LowScore);
        long started = time.GetTimestamp();
        for (int i = 0; i < Runs; i++)
            run.Run();
        var runTime = time.GetElapsedTime(started) / Runs;
        int? people = picture is null && loaded.Labels.Contains("person") ? s_people.Count(known => found.Any(f => f.Class == "person" && f.Box.OverlapRatio(known) >= SamePlace)) : null;
        return people is < FewestPeople
            ? throw new ModelException(
                $"{name}: it finds {people} of {s_people.Length} people in the picture it is tried on; at least {FewestPeople} are expected. Are adapter, labels and size the model's?")
            : new TrialResult(found, runTime, people);
    }

    /// <exception cref="ModelException">It is not whole, or is not run.</exception>
    internal static void OfReader(string name, byte[] model, ModelManifest manifest, OnnxRuntimeOptions runtime)
    {
        if (OnnxFile.Complaint(model) is { } complaint)
            throw new ModelException($"{name}: {complaint}");
        using var session = OnnxSession.Open(name, model, runtime);
        using var tensors = new OnnxTensors(session, [1, ModelInput.Channels, manifest.Height, manifest.Width]);
        tensors.Run();
    }

    /// <exception cref="InvalidDataException">It is no JPEG file.</exception>
    internal static Picture FromJpeg(ReadOnlySpan<byte> jpeg)
    {
        var decoded = PictureDecoder.ToBgr(PictureCodec.Mjpeg, jpeg);
        var picture = Picture.Rent(decoded.Width, decoded.Height);
        decoded.Pixels.CopyTo(picture.Bgr);
        return picture;
    }

    internal static Picture StoredPicture()
    {
        using var stream = typeof(ModelTrial).Assembly.GetManifestResourceStream("Vms.Ai.Models.Trial.CarPark.jpg")!;
        var jpeg = new byte[stream.Length];
        stream.ReadExactly(jpeg);
        return FromJpeg(jpeg);
    }
}
