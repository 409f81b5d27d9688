using System.Text;
using Google.Protobuf;
using Vms.Bus;
using Vms.Contracts;
using Vms.Contracts.Recorder;
using Vms.Recorder.Recordings;

namespace Vms.Recorder.Events;

/// <summary>Keeps the bucket of recording states up to date: on change, and often enough that a state never looks abandoned.</summary>
internal sealed partial class RecordingStatusPublisher(
    RecordingRegistry recordings, BusConnection bus, TimeProvider time, ILogger<RecordingStatusPublisher> logger) : BackgroundService
{
    /// <summary>So many states are told before any acknowledgement is waited for: all cameras' states are due together, and one after the other each of
    /// them would wake the process again. Far below what the bus lets wait.</summary>
    private const int AtOnce = 64;

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly JsonFormatter s_json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private readonly Dictionary<string, (string State, string Reason, string Class, long ManualUntil, long ReadBack, long Generation, long At)> _told = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var bucket = await bus.JetStream.EnsureBucketAsync(
            new KvConfig { Name = BusLayout.RecordingStatusBucket, MaxAge = BusLayout.StatusLifetime, Storage = StreamStorage.Memory }, stoppingToken);
        bus.StateChanged += _ => Forget();
        using var timer = new PeriodicTimer(s_look, time);
        do
        {
            try
            {
                await TellAsync(bucket, stoppingToken);
            }
            catch (BusException e) when (e.Kind != BusErrorKind.Closed)
            {
                Log.NotTold(logger, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TellAsync(KeyValueBucket bucket, CancellationToken cancellationToken)
    {
        foreach (var some in recordings.Statuses().Where(IsNews).Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(status => TellAsync(bucket, status, cancellationToken)));
        }
    }

    private async Task TellAsync(KeyValueBucket bucket, RecordingStatus status, CancellationToken cancellationToken)
    {
        string key = KeyOf(status);
        await bucket.PutAsync(key, Encoding.UTF8.GetBytes(s_json.Format(status)), cancellationToken);
        lock (_told)
        {
            _told[key] = (status.State, status.Reason, status.RecordingClass, status.ManualUntilUnixMs, status.ReadBackUnixMs, status.Generation, time.GetTimestamp());
        }
    }

    private static string KeyOf(RecordingStatus status) => $"{status.CameraId}.{status.Stream}";

    private bool IsNews(RecordingStatus status)
    {
        lock (_told)
        {
            return !_told.TryGetValue(KeyOf(status), out var told)
                || (told.State, told.Reason, told.Class, told.ManualUntil, told.ReadBack, told.Generation)
                    != (status.State, status.Reason, status.RecordingClass, status.ManualUntilUnixMs, status.ReadBackUnixMs, status.Generation)
                || time.GetElapsedTime(told.At) >= BusLayout.StatusRefresh;
        }
    }

    /// <summary>The bus may have lost what it was told: everything is told again.</summary>
    private void Forget()
    {
        lock (_told)
        {
            _told.Clear();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3251, LogLevel.Debug, "Recording states cannot be told to the bus ({Reason}), trying again")]
        public static partial void NotTold(ILogger logger, string reason);
    }
}
