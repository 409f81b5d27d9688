using Google.Protobuf;
using Vms.Contracts.Ai;

namespace Vms.Ai.Analysis;

/// <summary>What control asked for last, per stream. A stopped stream stays in it with its generation, so that an older start that comes
/// late is known to be older. Immutable.</summary>
internal sealed class DesiredAnalyses(IReadOnlyDictionary<StreamKey, DesiredAnalysis> analyses)
{
    internal static readonly DesiredAnalyses None = new(new Dictionary<StreamKey, DesiredAnalysis>());

    internal IEnumerable<KeyValuePair<StreamKey, DesiredAnalysis>> Running => analyses.Where(a => a.Value.Runs);

    internal DesiredAnalysis? Of(StreamKey key) => analyses.TryGetValue(key, out var desired) ? desired : null;

    internal DesiredAnalyses With(StreamKey key, DesiredAnalysis desired) =>
        new(new Dictionary<StreamKey, DesiredAnalysis>(analyses) { [key] = desired });

    /// <summary>As <see cref="KeptAnalyses"/>.</summary>
    internal byte[] ToBytes()
    {
        var kept = new KeptAnalyses();
        kept.Analyses.AddRange(analyses.Values.Select(a => new KeptAnalysis { Spec = a.Spec, Stopped = !a.Runs }));
        return kept.ToByteArray();
    }

    /// <exception cref="InvalidDataException">Not written by <see cref="ToBytes"/>.</exception>
    internal static DesiredAnalyses FromBytes(byte[] bytes)
    {
        try
        {
            return new(KeptAnalyses.Parser.ParseFrom(bytes).Analyses.ToDictionary(
                a => new StreamKey(a.Spec.CameraId, a.Spec.Stream), a => new DesiredAnalysis(a.Spec, !a.Stopped)));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException or NullReferenceException)
        {
            throw new InvalidDataException("not a list of analyses", e);
        }
    }
}

/// <summary>One stream of one camera; its text form is the name of the log and the key in the status bucket.</summary>
internal readonly record struct StreamKey(string CameraId, string Stream)
{
    public override string ToString() => $"{CameraId}.{Stream}";
}

/// <param name="Runs">False: it was stopped, and only its generation counts.</param>
internal sealed record DesiredAnalysis(AnalysisSpec Spec, bool Runs)
{
    internal long Generation => Spec.Generation;
}
