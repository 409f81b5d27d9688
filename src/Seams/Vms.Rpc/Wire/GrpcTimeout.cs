using System.Globalization;

namespace Vms.Rpc.Wire;

/// <summary>The <c>grpc-timeout</c> header: at most eight digits and a unit (H, M, S, m, u, n).</summary>
internal static class GrpcTimeout
{
    private const int MaxDigits = 8;
    private const long MaxValue = 99_999_999;

    /// <summary>Longer deadlines are cut to this: timers hold no more than 49 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    public static bool TryParse(ReadOnlySpan<char> value, out TimeSpan timeout)
    {
        timeout = default;
        if (value.Length is < 2 or > MaxDigits + 1) return false;
        if (!long.TryParse(value[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var amount)) return false;

        long ticksPerUnit;
        switch (value[^1])
        {
            case 'H': ticksPerUnit = TimeSpan.TicksPerHour; break;
            case 'M': ticksPerUnit = TimeSpan.TicksPerMinute; break;
            case 'S': ticksPerUnit = TimeSpan.TicksPerSecond; break;
            case 'm': ticksPerUnit = TimeSpan.TicksPerMillisecond; break;
            case 'u': ticksPerUnit = TimeSpan.TicksPerMicrosecond; break;
            case 'n':
                timeout = TimeSpan.FromTicks(amount / TimeSpan.NanosecondsPerTick);
                return true;
            default: return false;
        }

        // 99,999,999 hours do not fit into ticks when multiplied carelessly: compare before.
        timeout = amount > Longest.Ticks / ticksPerUnit ? Longest : TimeSpan.FromTicks(amount * ticksPerUnit);
        return true;
    }

    /// <summary>The finest unit that holds the value; rounded up, so that the server never gives up before the caller.</summary>
    public static string Format(TimeSpan timeout)
    {
        ReadOnlySpan<(char Unit, long Ticks)> units =
        [
            ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond),
            ('M', TimeSpan.TicksPerMinute),
        ];
        foreach (var (unit, ticks) in units)
        {
            var amount = DivideRoundingUp(timeout.Ticks, ticks);
            if (amount <= MaxValue) return string.Create(CultureInfo.InvariantCulture, $"{amount}{unit}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{DivideRoundingUp(timeout.Ticks, TimeSpan.TicksPerHour)}H");
    }

    private static long DivideRoundingUp(long value, long divisor) => value / divisor + (value % divisor > 0 ? 1 : 0);
}
