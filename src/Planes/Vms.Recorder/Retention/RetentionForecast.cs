using Vms.Recorder.Gaps;

namespace Vms.Recorder.Retention;

/// <summary>How many days of video are kept at the bitrate of the last day. Filled by the sweep; read by any thread.</summary>
internal sealed class RetentionForecast(GapLedger ledger, TimeProvider time)
{
    private static readonly TimeSpan s_shortestMeasure = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_step = TimeSpan.FromHours(1);
    private const int Steps = 24;

    /// <summary>Longer is as good as for ever.</summary>
    private const double MostDays = 36_500;

    private readonly Queue<Measure> _measures = new();
    private volatile IReadOnlyDictionary<(string CameraId, string Stream), double> _days = new Dictionary<(string, string), double>();

    /// <summary>Of the pool; 0 while it is not known.</summary>
    public double PoolDays { get; private set; }

    /// <summary>Of a stream that is recorded; 0 while it is not known.</summary>
    public double DaysOf(string cameraId, string stream) => _days.GetValueOrDefault((cameraId, stream));

    /// <param name="capacity">Bytes that recordings may fill.</param>
    /// <param name="heldBytes">Of these, what makes no room for anything.</param>
    public void Update(RetentionPolicies policies, long capacity, long heldBytes)
    {
        var now = Measure.Of(ledger, time.GetTimestamp());
        if (!_measures.TryPeek(out var oldest))
        {
            _measures.Enqueue(now);
            return;
        }

        var elapsed = time.GetElapsedTime(oldest.At, now.At);
        if (elapsed < s_shortestMeasure)
        {
            return;
        }

        double perDay = TimeSpan.FromDays(1) / elapsed;
        var rates = now.Bytes.ToDictionary(b => b.Key, b => (b.Value - oldest.Bytes.GetValueOrDefault(b.Key)) * perDay);
        PoolDays = PoolDaysOf(capacity - heldBytes, rates.Values.Sum());
        _days = rates.Where(r => r.Value > 0).ToDictionary(
            r => r.Key, r => StreamDaysOf(policies.TryGet(r.Key.CameraId, r.Key.Stream, out var policy) ? policy : default, r.Value, PoolDays));
        if (time.GetElapsedTime(_measures.Last().At, now.At) >= s_step)
        {
            _measures.Enqueue(now);
            if (_measures.Count > Steps)
            {
                _measures.Dequeue();
            }
        }
    }

    /// <summary>0 when nothing is recorded: no end is in sight.</summary>
    internal static double PoolDaysOf(long capacity, double bytesPerDay) =>
        bytesPerDay <= 0 ? 0 : Math.Min(MostDays, Math.Max(0, capacity) / bytesPerDay);

    /// <summary>The pool deletes the oldest of all cameras first: each keeps as many days as the pool does, unless its own limits are tighter.</summary>
    internal static double StreamDaysOf(RetentionPolicy policy, double bytesPerDay, double poolDays)
    {
        double days = poolDays;
        if (policy.MaxAge > TimeSpan.Zero)
        {
            days = Math.Min(days, policy.MaxAge.TotalDays);
        }

        return policy.MaxBytes > 0 ? Math.Min(days, Math.Max(policy.MinAge.TotalDays, policy.MaxBytes / bytesPerDay)) : days;
    }

    private sealed record Measure(long At, Dictionary<(string CameraId, string Stream), long> Bytes)
    {
        public static Measure Of(GapLedger ledger, long at) => new(at, ledger.BytesByStream());
    }
}
