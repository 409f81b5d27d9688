namespace Vms.Ai.Detectors;

/// <summary>Non-maximum suppression: of boxes of one class that lie on one another the best one stays. Ceiling: the best <see cref="MostCandidates"/> are looked at.</summary>
internal static class Suppression
{
    /// <summary>A model that goes mad gives thousands; comparing each with each would take seconds.</summary>
    internal const int MostCandidates = 1000;

    /// <summary>Sorts the candidates and leaves those that stay, best first.</summary>
    internal static void Apply(List<Candidate> candidates, float overlap)
    {
        candidates.Sort(static (a, b) => b.Score.CompareTo(a.Score));
        if (candidates.Count > MostCandidates)
            candidates.RemoveRange(MostCandidates, candidates.Count - MostCandidates);
        int kept = 0;
        for (int i = 0; i < candidates.Count; i++)
        {
            Candidate candidate = candidates[i];
            if (!IsCovered(candidates, kept, candidate, overlap))
                candidates[kept++] = candidate;
        }

        candidates.RemoveRange(kept, candidates.Count - kept);
    }

    private static bool IsCovered(List<Candidate> candidates, int kept, in Candidate candidate, float overlap)
    {
        for (int i = 0; i < kept; i++)
        {
            if (candidates[i].Label == candidate.Label && candidates[i].Box.OverlapRatio(candidate.Box) >= overlap)
                return true;
        }

        return false;
    }
}

/// <summary>A box as a model's head gives it, before suppression.</summary>
/// <param name="Label">Number of the class.</param>
/// <param name="Box">Parts of the model's input.</param>
internal readonly record struct Candidate(int Label, float Score, Box Box);
