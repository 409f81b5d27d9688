using Vms.Ai.Models.Onnx;

namespace Vms.Ai.Models;

/// <summary>A detector of objects, loaded: one for all cameras. Any thread; each works with an <see cref="ObjectRun"/> of its own.</summary>
internal sealed class ObjectModel : IDisposable
{
    /// <summary>How many pictures a run may have where the model takes more than one. More wait longer than they save.</summary>
    internal const int MostPictures = 8;

    internal ObjectModel(string name, byte[] model, ModelManifest manifest, OnnxRuntimeOptions runtime)
    {
        Name = name;
        Provider = runtime.Provider;
        Hash = manifest.Sha256;
        Scores = ScoreCurve.Of(manifest.Scores);
        Labels = [.. manifest.Labels];
        Input = ModelAdapters.InputOf(manifest.Adapter, manifest.Width, manifest.Height);
        Head = ModelAdapters.HeadOf(manifest.Adapter);
        Session = OnnxSession.Open(name, model, runtime);
        try
        {
            Batches = Takes(Session.InputShape, Input.Shape(1));
        }
        catch (ModelException)
        {
            Session.Dispose();
            throw;
        }
    }

    internal string Name { get; }

    /// <summary>SHA-256 of the file, hexadecimal.</summary>
    internal string Hash { get; }

    internal OnnxProvider Provider { get; }

    internal string[] Labels { get; }

    internal ScoreCurve Scores { get; }

    internal ModelInput Input { get; }

    internal IObjectHead Head { get; }

    internal OnnxSession Session { get; }

    /// <summary>Whether it takes several pictures in one run.</summary>
    internal bool Batches { get; }

    public void Dispose() => Session.Dispose();

    private bool Takes(IReadOnlyList<long> declared, long[] wanted)
    {
        bool fits = declared.Count == wanted.Length;
        for (int i = 0; fits && i < wanted.Length; i++)
            fits = declared[i] < 0 || declared[i] == wanted[i];
        if (!fits)
            throw new ModelException($"{Name}: its input is [{string.Join(",", declared)}]; this adapter gives [{string.Join(",", wanted)}]");
        return declared[0] < 0;
    }
}
