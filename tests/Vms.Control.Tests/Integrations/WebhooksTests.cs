using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Control.Integrations;
using Vms.Control.Outbox;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Integrations;

public sealed class WebhooksTests
{
    private static readonly WorldSettings s_onThisMachine = new()
    {
        Arguments = ["--VMS_OUTGOING_NETWORKS=127.0.0.0/8"],
        Adjust = services => services.AddSingleton(new OutboxOptions { FirstBackOff = TimeSpan.FromMilliseconds(20), Interval = TimeSpan.FromMilliseconds(20) }),
    };

    [Fact]
    public async Task A_receiver_checks_what_it_gets_with_the_secret_that_was_shown_once()
    {
        await using var world = await ControlWorld.StartAsync(s_onThisMachine);
        await using var receiver = await WebhookReceiver.StartAsync();
        var added = await world.Http.PostAsync("/api/webhooks", new { name = "Gate", url = receiver.Url }, 201);
        var (id, secret) = (added.Text("webhook.id")!, added.Text("secret")!);
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);

        // It knows another secret: the test says what it answered.
        await receiver.SetAsync(secret: "whsec_" + Convert.ToBase64String(new byte[32]));
        var refused = await world.Http.PostAsync($"/api/webhooks/{id}/test", new { });
        Assert.Equal(("False", "401", "not genuine", "The receiver answered 401"), (refused.Text("delivered"), refused.Text("status"), refused.Text("answer"), refused.Text("error")));

        await receiver.SetAsync(secret: secret);
        var tested = await world.Http.PostAsync($"/api/webhooks/{id}/test", new { });
        Assert.Equal(("True", "200", null), (tested.Text("delivered"), tested.Text("status"), tested.Text("error")));
        Assert.StartsWith("thanks a lot!", tested.Text("answer"), StringComparison.Ordinal);
        Assert.True(tested.Text("answer")!.Length <= 4096);
        var got = receiver.Received[^1];
        Assert.Equal(("True", "True", "application/json", "webhook.test", "Gate"), (got.Text("genuine"), got.Text("fresh"), got.Text("type"), got.Text("body.type"), got.Text("body.data.name")));

        // A new secret counts at once, the old one no longer.
        var renewed = await world.Http.PostAsync($"/api/webhooks/{id}/secret", new { });
        Assert.Equal("401", (await world.Http.PostAsync($"/api/webhooks/{id}/test", new { })).Text("status"));
        await receiver.SetAsync(secret: renewed.Text("secret"));
        Assert.Equal("200", (await world.Http.PostAsync($"/api/webhooks/{id}/test", new { })).Text("status"));

        var shown = (await world.Http.GetJsonAsync("/api/webhooks")).GetRawText() + (await world.Http.GetJsonAsync($"/api/webhooks/{id}")).GetRawText()
            + (await world.Http.GetJsonAsync("/api/audit")).GetRawText() + world.Log.Text + await world.ScalarAsync("select row_to_json(w)::text from control.webhook w");
        Assert.DoesNotContain(secret, shown, StringComparison.Ordinal);
        Assert.DoesNotContain(renewed.Text("secret")!, shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_comes_again_with_its_id_until_the_receiver_takes_it()
    {
        await using var world = await ControlWorld.StartAsync(s_onThisMachine);
        await using var receiver = await WebhookReceiver.StartAsync();
        var added = await world.Http.PostAsync("/api/webhooks", new { name = "Gate", url = receiver.Url }, 201);
        var id = added.Text("webhook.id")!;
        await receiver.SetAsync(added.Text("secret"), status: 500);
        await AddAsync(world, id, "camera.7/line:1", "rule-1");
        await Eventually.TrueAsync(() => receiver.Received.Count >= 2);
        Assert.Equal("The receiver answered 500", (await world.Http.GetJsonAsync($"/api/webhooks/{id}")).Text("triedError"));
        await receiver.SetAsync(status: 200);
        await Eventually.TrueAsync(async () => (await world.ScalarAsync("select state from control.outbox")) is "delivered");
        Assert.Null((await world.Http.GetJsonAsync($"/api/webhooks/{id}")).Text("triedError"));
        Assert.Equal(["camera%2E7%2Fline%3A1%3Arule-1"], receiver.Received.Select(r => r.Text("id")).Distinct());
        Assert.All(receiver.Received, r => Assert.Equal("True", r.Text("genuine")));

        // Elsewhere is not where the operator sent it; who wants no more gets no more.
        foreach (var (status, error) in new[] { (302, "The receiver sends elsewhere (302), which is not followed: use the address that it names"), (410, "The receiver wants no more (410)") })
        {
            await receiver.SetAsync(status: status);
            await AddAsync(world, id, $"e-{status}", null);
            await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/outbox/dead?channel=webhook")).GetProperty("items") is var items
                && items.GetArrayLength() > 0 && items[0].Text("eventId") == $"e-{status}");
            Assert.Equal((error, "1"), ((await world.Http.GetJsonAsync("/api/outbox/dead")).Text("items.0.error"), (await world.Http.GetJsonAsync("/api/outbox/dead")).Text("items.0.attempts")));
        }

        await world.Http.PatchAsync($"/api/webhooks/{id}", """{ "enabled": false }""");
        await AddAsync(world, id, "off", null);
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/outbox/dead")).Text("items.0.error") == "The webhook is switched off");
        (await world.Http.DeleteAsync($"/api/webhooks/{id}")).Dispose();
        await AddAsync(world, id, "gone", null);
        await Eventually.TrueAsync(async () => (await world.Http.GetJsonAsync("/api/outbox/dead")).Text("items.0.error") == "The webhook was deleted");
    }

    [Fact]
    public async Task Nothing_is_sent_to_this_machine_to_a_clouds_secrets_or_to_this_installation()
    {
        await using var world = await ControlWorld.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        foreach (var url in new[] { receiver.Url, "http://localhost:8081/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data", "http://[fd00:ec2::254]/", "http://0.0.0.0/", "http://2130706433/" })
            Assert.Equal(["url:addressNotAllowed"], (await world.Http.PostAsync("/api/webhooks", new { name = "x", url }, 400)).FieldCodes());
        foreach (var url in new[] { "", "ftp://host/", "https://user:secret@host/", "https://host/#part", "file:///etc/passwd", "gate", "http://" + new string('a', 3000) })
            Assert.StartsWith("url:", (await world.Http.PostAsync("/api/webhooks", new { name = "x", url }, 400)).FieldCodes().Single(), StringComparison.Ordinal);

        // What was allowed when it was written, and means something else by now, is asked again when something is sent.
        var added = await world.Http.PostAsync("/api/webhooks", new { name = "Private networks are where receivers are", url = "http://10.1.2.3/hook" }, 201);
        await world.ExecuteAsync($"update control.webhook set url = '{receiver.Url}'");
        var tested = await world.Http.PostAsync($"/api/webhooks/{added.Text("webhook.id")}/test", new { });
        Assert.Equal(("False", "127.0.0.1 is this machine; VMS_OUTGOING_NETWORKS can allow it"), (tested.Text("delivered"), tested.Text("error")));
        Assert.Empty(receiver.Received);

        await using var allowed = await ControlWorld.StartAsync(s_onThisMachine);
        var addresses = allowed.Services.GetRequiredService<OutgoingAddresses>();
        Assert.Null(addresses.Refusal(IPAddress.Loopback, 80, loopback: false));
        Assert.NotNull(addresses.Refusal(IPAddress.Loopback, allowed.Address.Port, loopback: true));
        Assert.NotNull(addresses.Refusal(IPAddress.Parse("169.254.169.254"), 80, loopback: true));
        Assert.NotNull(addresses.Refusal(IPAddress.Parse("10.1.2.3"), 80, loopback: true));
    }

    [Fact]
    public async Task Two_webhooks_of_a_name_are_one_too_many_and_a_change_of_what_changed_is_refused()
    {
        await using var world = await ControlWorld.StartAsync();
        var added = await world.Http.PostAsync("/api/webhooks", new { name = "Gate", url = "https://192.0.2.1/a" }, 201);
        Assert.Equal("webhookNameTaken", (await world.Http.PostAsync("/api/webhooks", new { name = "gate", url = "https://192.0.2.1/b" }, 409)).Text("code"));
        var path = $"/api/webhooks/{added.Text("webhook.id")}";
        using (var shown = await world.Http.GetAsync(path))
            Assert.Equal("\"1\"", shown.Headers.ETag?.Tag);
        Assert.Equal("2", (await world.Http.PatchAsync(path, """{ "name": "Door" }""")).Text("generation"));
        using var stale = new HttpRequestMessage(HttpMethod.Patch, path) { Content = JsonContent.Create(new { name = "Gate" }) };
        stale.Headers.IfMatch.ParseAdd("\"1\"");
        using var answer = await world.Http.SendAsync(stale);
        await answer.ProblemAsync(412, "changedMeanwhile");
        using var viewer = world.AsRole("viewer");
        using var refused = await viewer.GetAsync("/api/webhooks");
        await refused.ProblemAsync(403, "forbidden");
    }

    private static async Task AddAsync(ControlWorld world, string webhook, string eventId, string? rule)
    {
        await using var connection = await world.Database.OpenConnectionAsync();
        await OutboxTable.AddAsync(
            connection, null, [new OutboxItem("default", "webhook", webhook, eventId, DateTimeOffset.UnixEpoch, rule, JsonSerializer.SerializeToElement(new { id = eventId }))], default);
    }
}
