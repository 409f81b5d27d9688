namespace Vms.Ai.Models.Yolo;

internal static class BestClass
{
    /// <summary>The number of the highest one; the first where several are, and where none is a number.</summary>
    internal static int Of(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best])
                best = i;
        }

        return best;
    }
}
