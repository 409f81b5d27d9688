using System.Net;
using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.FrontDoor;
using Vms.Hosting;

namespace Vms.Control.Viewing;

/// <summary>Tells media and recorder what was taken away: at once, and again when one was away. A plane says what it has applied, so that nothing is told twice and
/// one that lost its disk gets everything.</summary>
internal sealed partial class RevocationSender(
    NpgsqlDataSource database, Revocations revocations, PlaneOptions options, TimeProvider time, ILogger<RevocationSender> logger) : BackgroundService
{
    private const int QuickTries = 20;      // a restart takes a second or two
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_intervalWhileAway = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_callDeadline = TimeSpan.FromSeconds(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(ViewingParts.Planes.Select(plane => TellAsync(plane, stoppingToken)));

    private async Task TellAsync(string plane, CancellationToken stoppingToken)
    {
        using var http = LocalHttp.Client(options.SocketOf(plane, "http"));
        http.Timeout = s_callDeadline;
        int triesWhileAway = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            var added = revocations.Added.Next;
            var wait = s_interval;
            try
            {
                await PassAsync(plane, http, stoppingToken);
                triesWhileAway = 0;
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is HttpRequestException or JsonException || (e is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                wait = triesWhileAway++ < QuickTries ? s_intervalWhileAway : s_interval;
                Log.Later(logger, plane, e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await added.WaitAsync(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(string plane, HttpClient http, CancellationToken cancellationToken)
    {
        var known = await http.GetFromJsonAsync<RevocationMark>(ViewingEndpoints.RevocationsPath, cancellationToken) ?? RevocationMark.None;
        if (await RevocationRows.NewerThanAsync(database, known, whole: false, cancellationToken) is not { } list)
            return;
        using var answer = await http.PutAsJsonAsync(ViewingEndpoints.RevocationsPath, list, cancellationToken);
        if (answer.StatusCode == HttpStatusCode.Conflict && !list.IsWhole && await RevocationRows.NewerThanAsync(database, known, whole: true, cancellationToken) is { } whole)
        {
            using var second = await http.PutAsJsonAsync(ViewingEndpoints.RevocationsPath, whole, cancellationToken);
            second.EnsureSuccessStatusCode();
        }
        else
        {
            answer.EnsureSuccessStatusCode();
        }

        Log.Told(logger, plane, list.Items.Count, list.Mark.Generation);
    }

    private static partial class Log
    {
        [LoggerMessage(1252, LogLevel.Debug, "Plane {Plane} was told of {Count} rights that were taken away, up to {Generation}")]
        public static partial void Told(ILogger logger, string plane, int count, long generation);

        [LoggerMessage(1253, LogLevel.Debug, "Plane {Plane} is told later which rights were taken away: {Reason}")]
        public static partial void Later(ILogger logger, string plane, string reason);
    }
}
