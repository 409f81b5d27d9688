using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Vms.EndToEnd.Tests.Product;
using Vms.Testing;
using Vms.Testing.Processes;
using Vms.Testing.Servers;

namespace Vms.EndToEnd.Tests.Crashes;

/// <summary>Ten thousand events at once, by both ways that events come, while what carries them is killed.</summary>
public sealed class KilledInABurstTests
{
    private const string FromAi = "burst.seen";
    private const string FromProgram = "burst.reported";

    /// <summary>Of so many events of vms-ai one raises an alarm and is sent to a webhook.</summary>
    private const int EachCounts = 25;

    private const int Programs = 4;
    private const int PageSize = 500;

    private static readonly int s_seen = Soak.IsOn ? 60_000 : 9_000;
    private static readonly int s_reported = Soak.IsOn ? 6_000 : 1_000;
    /// <summary>Longer than anything needs to come back: nothing comes any more.</summary>
    private static readonly TimeSpan s_quiet = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(Soak.IsOn ? 15 : 3);

    [Fact]
    public async Task Killing_vms_ai_nats_and_postgres_in_a_burst_of_ten_thousand_events_loses_none_and_doubles_none()
    {
        using var directory = new TestDirectory();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var product = await ProductRun.StartAsync(directory, ("VMS_OUTGOING_NETWORKS", "127.0.0.0/8"), ("VMS_RATE_EVENTS", "0"));
        var rule = await AddRuleAsync(product.Api, receiver);
        await using var feed = await FeedListener.StartAsync(product);

        var began = DateTimeOffset.UtcNow;
        var seen = Enumerable.Range(0, s_seen).Select(n => $"seen-{n:d6}").ToList();
        await FillSpoolAsync(product, seen, began);
        var started = TimeProvider.System.GetTimestamp();
        var reporting = Task.WhenAll(Enumerable.Range(0, Programs).Select(p => ReportAsync(product.Api, p, began)));
        var kills = await KillInTheMiddleAsync(product, feed);
        var reported = (await reporting).SelectMany(r => r).ToList();

        List<string> all = [.. seen, .. reported];
        await Eventually.TrueAsync(() => feed.Heard.Keys.Count(IsOurs) >= all.Count || feed.Quiet > s_quiet, s_patience);
        var took = TimeProvider.System.GetElapsedTime(started);
        AssertEachOnce("GET /api/events", all, await StoredAsync(product.Api, began));
        AssertEachOnce("the live feed", all, feed.Heard.Where(h => IsOurs(h.Key)).SelectMany(h => Enumerable.Repeat(h.Key, h.Value)));

        var counted = seen.Where((_, n) => Counts(n)).ToList();
        AssertEachOnce("alarms", counted, await AlarmsAsync(product.Api, rule));
        await Eventually.TrueAsync(() => Delivered(receiver).Count() == counted.Count, s_patience);
        AssertEachOnce("the webhook's receiver, by the event's id", counted, Delivered(receiver));
        Assert.All(receiver.Received, r => Assert.True(r.GetProperty("genuine").GetBoolean()));
        Soak.Measured(string.Create(
            CultureInfo.InvariantCulture,
            $"kill -9 of {kills} in a burst of {all.Count} events: 0 lost, 0 twice, all stored and told after {took.TotalSeconds:0.0} s; {counted.Count} alarms, {receiver.Received.Count} webhooks"));
    }

    private static bool Counts(int n) => n % EachCounts == 0;

    private static bool IsOurs(string id) => id.StartsWith("seen-", StringComparison.Ordinal) || id.StartsWith("admin/reported-", StringComparison.Ordinal);

    private static async Task<string> AddRuleAsync(ApiClient api, WebhookReceiver receiver)
    {
        var webhook = await api.PostAsync("/api/webhooks", new { name = "Counter", url = receiver.Url });
        await receiver.SetAsync(webhook["secret"]!.GetValue<string>());
        var rule = await api.PostAsync("/api/rules", new
        {
            name = "Some of the burst",
            when = new { types = new[] { FromAi }, expression = "data.counts == 1" },
            actions = new object[] { new { type = "alarm" }, new { type = "webhook", webhookId = webhook["webhook"]!["id"]!.GetValue<string>() } },
        });
        return rule["id"]!.GetValue<string>();
    }

    /// <summary>The bus was away for long, and vms-ai ended then: it comes back with all that it found.</summary>
    private static async Task FillSpoolAsync(ProductRun product, IReadOnlyList<string> ids, DateTimeOffset began)
    {
        int old = product.PidOf("ai");
        product.SignalSupervisor(PosixSignalNumber.Stop);
        await ChildProcess.RunAsync("kill", ["-9", $"{old}"]);
        SpooledEvents.Write(product.DataDirectory, ids.Select((id, n) => (
            $"vms.events.default._.{FromAi}", id, JsonSerializer.Serialize(new { id, type = FromAi, at = began.AddMilliseconds(n), source = "analytics", data = new { counts = Counts(n) ? 1 : 0 } }))));
        product.SignalSupervisor(PosixSignalNumber.Continue);
        await product.AwaitReplacedAsync("ai", old);
    }

    /// <summary>One after the other when a quarter, half and three quarters of the burst have arrived.</summary>
    private static async Task<string> KillInTheMiddleAsync(ProductRun product, FeedListener feed)
    {
        string[] victims = Soak.IsOn ? ["ai", "nats", "postgres", "ai", "nats", "postgres"] : ["ai", "nats", "postgres"];
        for (int i = 0; i < victims.Length; i++)
        {
            int enough = s_seen * (i + 1) / (victims.Length + 1);
            await Eventually.TrueAsync(() => feed.Heard.Count >= enough, s_patience);
            var family = product.FamilyOf(victims[i]);
            await ChildProcess.RunAsync("sh", ["-c", "kill -9 \"$@\" 2>/dev/null || true", "sh", .. family.Select(p => $"{p}")]);
            await product.AwaitReplacedAsync(victims[i], family[0]);
        }

        Assert.True(feed.Heard.Count < s_seen, "the burst was over before the last was killed");
        await Eventually.TrueAsync(product.Api.IsReadyAsync, s_patience);
        return string.Join(", ", victims);
    }

    /// <summary>Another program: it says each event again, with its id, until it is answered that it was taken.</summary>
    private static async Task<IReadOnlyList<string>> ReportAsync(ApiClient api, int program, DateTimeOffset began)
    {
        var ids = new List<string>();
        for (int n = program; n < s_reported; n += Programs)
        {
            var id = $"reported-{n:d6}";
            while (!await TryReportAsync(api, id, began.AddMilliseconds(n)))
                await Soak.RunForAsync(TimeSpan.FromMilliseconds(200));
            ids.Add($"admin/{id}");
        }

        return ids;
    }

    private static async Task<bool> TryReportAsync(ApiClient api, string id, DateTimeOffset at)
    {
        try
        {
            await api.PostAsync("/api/events", new { type = FromProgram, id, at });
            return true;
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            return false;
        }
    }

    private static async Task<List<string>> StoredAsync(ApiClient api, DateTimeOffset began) =>
        [.. (await AllAsync(api, $"/api/events?type=burst.*&from={Uri.EscapeDataString(began.AddSeconds(-1).ToString("O", CultureInfo.InvariantCulture))}")).Select(e => e["id"]!.GetValue<string>())];

    private static async Task<List<string>> AlarmsAsync(ApiClient api, string rule) =>
        [.. (await AllAsync(api, "/api/alarms?")).Where(a => a["ruleId"]?.GetValue<string>() == rule).Select(a => a["eventId"]!.GetValue<string>())];

    private static async Task<List<JsonNode>> AllAsync(ApiClient api, string path)
    {
        var items = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var page = await api.GetAsync($"{path}&limit={PageSize}{(cursor is null ? "" : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            items.AddRange(page["items"]!.AsArray().Select(i => i!));
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);
        return items;
    }

    /// <summary>Deliveries that were repeated are known by their id, as receivers are told to.</summary>
    private static IEnumerable<string> Delivered(WebhookReceiver receiver) =>
        receiver.Received.Select(r => r.GetProperty("body").GetProperty("event").GetProperty("id").GetString()!).Distinct();

    private static void AssertEachOnce(string where, List<string> expected, IEnumerable<string> found)
    {
        var times = found.CountBy(id => id).ToDictionary();
        var lost = expected.Where(id => !times.ContainsKey(id)).ToList();
        var twice = times.Where(t => t.Value > 1).Select(t => t.Key).ToList();
        Assert.True(lost.Count == 0, $"{where}: {lost.Count} of {expected.Count} are lost: {string.Join(' ', lost.Take(5))}");
        Assert.True(twice.Count == 0, $"{where}: {twice.Count} are there twice: {string.Join(' ', twice.Take(5))}");
        Assert.True(times.Count == expected.Count, $"{where}: {times.Count} instead of {expected.Count}");
    }
}
