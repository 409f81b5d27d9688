using Google.Protobuf;
using Vms.Contracts.Ai;

namespace Vms.Ai.Analysis;

/// <summary>What control asked for last, per stream. A stopped stream stays in it with its generation, so that an older start that comes
/// late is known to be older. Immutable.</summary>
internal sealed class DesiredAnalyses(IReadOnlyDictionary<StreamKey, DesiredAnalysis> analyses)
{
    private const string Stopped = "stopped";

    internal static readonly DesiredAnalyses None = new(new Dictionary<StreamKey, DesiredAnalysis>());

    internal IEnumerable<KeyValuePair<StreamKey, DesiredAnalysis>> Running => analyses.Where(a => a.Value.Runs);

    internal DesiredAnalysis? Of(StreamKey key) => analyses.TryGetValue(key, out var desired) ? desired : null;

    internal DesiredAnalyses With(StreamKey key, DesiredAnalysis desired) =>
        new(new Dictionary<StreamKey, DesiredAnalysis>(analyses) { [key] = desired });

    /// <summary>As an <see cref="AnalysisList"/>.</summary>
    internal byte[] ToBytes()
    {
        var list = new AnalysisList();
        foreach (var (key, desired) in analyses)
        {
            list.Analyses.Add(new AnalysisStatus
            {
                CameraId = key.CameraId,
                Stream = key.Stream,
                Generation = desired.Generation,
                State = desired.Runs ? "" : Stopped,
            });
        }

        return list.ToByteArray();
    }

    /// <exception cref="InvalidDataException">Not written by <see cref="ToBytes"/>.</exception>
    internal static DesiredAnalyses FromBytes(byte[] bytes)
    {
        try
        {
            return new(AnalysisList.Parser.ParseFrom(bytes).Analyses.ToDictionary(
                a => new StreamKey(a.CameraId, a.Stream), a => new DesiredAnalysis(a.Generation, a.State != Stopped)));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException)
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

internal readonly record struct DesiredAnalysis(long Generation, bool Runs);
