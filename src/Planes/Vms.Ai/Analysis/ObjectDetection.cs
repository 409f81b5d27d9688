using System.Collections.Concurrent;
using Vms.Ai.Detectors;
using Vms.Ai.Tracking;

namespace Vms.Ai.Analysis;

/// <summary>How pictures get their detections: the detectors of this plane, or what a test puts in their place.</summary>
/// <param name="FindAsync">As <c>DetectorPool.DetectAsync</c>: null at once when too many pictures wait already.</param>
/// <param name="WhyNot">A stable code; empty when the model can be used.</param>
/// <param name="IsLoading">The model is being loaded: whoever waits for it does so for no want of power.</param>
/// <param name="HashOf">SHA-256 of the model's file; empty when there is none.</param>
/// <param name="FindsPeople">One of the model's classes is a person.</param>
/// <param name="Refused">Pictures that were refused since the start.</param>
internal sealed record ObjectDetection(FindObjects FindAsync, Func<string, string> WhyNot, Func<string, bool> IsLoading, Func<string, string> HashOf, Func<string, bool> FindsPeople, Func<long> Refused)
{
    /// <summary>Side of a model's square input that regions are made for, pixels. Models scale what they are given.</summary>
    internal const int ModelSide = 320;

    /// <summary>How often it is asked whether a model is there: pictures are far more often.</summary>
    private static readonly TimeSpan s_ask = TimeSpan.FromSeconds(1);

    internal static ObjectDetection Of(DetectorPool pool, TimeProvider time)
    {
        var known = new ConcurrentDictionary<string, (string WhyNot, string Hash, bool People, long At)>(StringComparer.Ordinal);
        return new ObjectDetection(
            pool.DetectAsync, model => Known(model).WhyNot, model => pool.StatusOf(model).State == DetectorState.Loading, model => Known(model).Hash,
            model => Known(model).People, () => pool.Load.Refused);

        (string WhyNot, string Hash, bool People, long At) Known(string model)
        {
            if (known.TryGetValue(model, out var told) && time.GetElapsedTime(told.At) < s_ask)
                return told;
            return known[model] = (CodeOf(pool.StatusOf(model)), pool.HashOf(model), pool.Finds(model, ObjectKind.Person), time.GetTimestamp());
        }

        static string CodeOf(DetectorStatus status) => status.State != DetectorState.Failed ? "" : status.IsLeftOut ? "modelCrashed" : "noModel";
    }
}

/// <param name="picture">Borrowed until the task is done.</param>
internal delegate ValueTask<IReadOnlyList<Detection>?> FindObjects(string model, Picture picture, Box region, float minScore, CancellationToken cancellationToken);
