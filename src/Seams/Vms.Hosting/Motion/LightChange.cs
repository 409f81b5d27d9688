namespace Vms.Hosting.Motion;

/// <summary>
/// How the brightness of a whole picture changed: exposure, a cloud, a lamp. Fitted to the pixels that nothing else happened to, so that
/// a thing that moves does not count as light.
/// </summary>
/// <param name="Gain">After = gain × before + offset, in steps of luma.</param>
public readonly record struct LightChange(double Gain, double Offset)
{
    private const int Rounds = 3;
    private const double LeastGain = 0.4;
    private const double GreatestGain = 2.5;

    /// <summary>Nearer than this to what light alone would make of it, a pixel counts for the next round.</summary>
    private const int LeastTolerance = 8;

    /// <summary>Without differences of brightness a gain cannot be told from an offset.</summary>
    private const double LeastVariance = 16;

    /// <param name="before">Luma, one byte a pixel.</param>
    /// <param name="after">As many.</param>
    public static LightChange Between(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        // A middle difference is that of the background, as long as what moves covers less than half of the picture.
        var change = new LightChange(1, MiddleDifference(before, after));
        for (int round = 0; round < Rounds; round++)
            change = Fit(before, after, change);
        return change;
    }

    /// <summary>What each of the 256 values becomes.</summary>
    public void WriteTable(Span<byte> table)
    {
        for (int value = 0; value < table.Length; value++)
            table[value] = (byte)Math.Clamp(Math.Round((Gain * value) + Offset), 0, 255);
    }

    private static LightChange Fit(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, LightChange known)
    {
        Span<byte> table = stackalloc byte[256];
        known.WriteTable(table);
        int tolerance = Math.Max(LeastTolerance, 2 * MiddleDistance(before, after, table));
        long n = 0, sumX = 0, sumY = 0, sumXX = 0, sumXY = 0;
        for (int i = 0; i < before.Length; i++)
        {
            int x = before[i], y = after[i];
            if (Math.Abs(y - table[x]) > tolerance) continue;
            n++;
            sumX += x;
            sumY += y;
            sumXX += x * x;
            sumXY += x * y;
        }

        if (n == 0) return known;
        double meanX = (double)sumX / n, meanY = (double)sumY / n;
        double variance = ((double)sumXX / n) - (meanX * meanX);
        double gain = variance < LeastVariance ? 1 : Math.Clamp((((double)sumXY / n) - (meanX * meanY)) / variance, LeastGain, GreatestGain);
        return new LightChange(gain, meanY - (gain * meanX));
    }

    /// <summary>Half of the pixels are no farther from what the table makes of them.</summary>
    internal static int MiddleDistance(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, ReadOnlySpan<byte> table)
    {
        Span<int> histogram = stackalloc int[256];
        histogram.Clear();
        for (int i = 0; i < before.Length; i++)
            histogram[Math.Abs(after[i] - table[before[i]])]++;
        return Middle(histogram, before.Length);
    }

    private static int MiddleDifference(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        Span<int> histogram = stackalloc int[511];
        histogram.Clear();
        for (int i = 0; i < before.Length; i++)
            histogram[255 + after[i] - before[i]]++;
        return Middle(histogram, before.Length) - 255;
    }

    private static int Middle(ReadOnlySpan<int> histogram, int total)
    {
        int value = 0;
        for (int seen = histogram[0]; seen * 2 < total; seen += histogram[value])
            value++;
        return value;
    }
}
