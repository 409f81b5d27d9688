using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Vms.Bus;
using Vms.Contracts;
using Vms.Control.Tests.Features;
using Vms.Control.Tests.Support;
using Vms.Testing;
using Vms.Testing.Servers;

namespace Vms.Control.Tests.Events;

/// <summary>What is sent and what is told is what the schemas in <c>contracts</c> say: checked by Ajv, which knows JSON Schema 2020-12.</summary>
public sealed class EventSchemaTests
{
    [Fact]
    public async Task What_other_programs_report_and_what_browsers_are_told_is_what_the_schemas_say()
    {
        await using var nats = await PrivateNats.StartAsync();
        await using var world = await ControlWorld.StartAsync(new WorldSettings { Nats = nats.Url });
        var bus = world.Services.GetRequiredService<BusConnection>();
        var door = (await world.AddCameraAsync("Door")).Text("id")!;
        await Eventually.TrueAsync(async () =>
        {
            using var sent = await world.Http.PostAsync("/api/events", JsonContentOf(new { type = "door.opened", cameraId = door, data = new { badge = "17" } }));
            return (int)sent.StatusCode == 202;
        });
        var at = DateTimeOffset.UtcNow;
        var seen = new
        {
            id = "seen",
            type = "object.vehicle",
            cameraId = door,
            at,
            endAt = at.AddSeconds(3),
            source = "analytics",
            data = new
            {
                @class = "car",
                confidence = 0.9,
                box = new[] { 0.1, 0.2, 0.3, 0.4 },
                zone = "Yard",
                plate = "BAB1",
                trackId = 4,
                path = new[] { new[] { 0, 0.5, 0.5, 0.1, 0.2 } },
                boxAtMs = 120,
                crop = Convert.ToBase64String([0xFF, 0xD8, 0xFF, 0]),
                thresholds = new { track = 0.3, @event = 0.8 },
                modelHash = "00",
            },
        };
        using var feed = await FeedTests.OpenAsync(world);
        await bus.JetStream.PublishAsync(BusLayout.EventSubject("default", door, "object.vehicle"), JsonSerializer.SerializeToUtf8Bytes(seen, JsonSerializerOptions.Web), "seen", default);
        await bus.JetStream.PublishAsync(
            BusLayout.EventSubject("default", null, "storage.full"), JsonSerializer.SerializeToUtf8Bytes(new { id = "full", type = "storage.full", cameraId = "", at, source = "recorder", data = new { } }), "full", default);

        var told = new List<string>();
        while (told.Count < 2)
            told.Add((await FeedTests.UntilAsync(feed, m => m.Text("type") == "event")).GetProperty("event").GetRawText());
        Assert.Equal("car", (await world.Http.GetJsonAsync("/api/events?type=object.vehicle")).Text("items.0.class"));
        told.AddRange((await world.Http.GetJsonAsync("/api/events")).GetProperty("items").EnumerateArray().Select(e => e.GetRawText()));
        await JsonSchema.CheckAsync("enriched-event", told);

        await bus.JetStream.EnsureConsumerAsync(BusLayout.EventStream, new ConsumerConfig { DurableName = "schema" }, default);
        var sent = new List<string>();
        await foreach (var message in bus.JetStream.Consumer(BusLayout.EventStream, "schema").FetchAsync(3, TimeSpan.FromSeconds(5), default))
            sent.Add(System.Text.Encoding.UTF8.GetString(message.Payload.Span));
        Assert.Equal(3, sent.Count);
        await JsonSchema.CheckAsync("event-message", sent);
    }

    [Theory]
    [InlineData("yard.5", "c 1", "line.crossed", "vms.events.yard-5.c-1.line.crossed")]
    [InlineData("yard", null, "storage.full", "vms.events.yard._.storage.full")]
    [InlineData("*", ">", "a..b", "vms.events.-.-.a.-.b")]
    public void A_subject_has_no_wildcards_and_no_empty_tokens(string site, string? camera, string type, string subject) => Assert.Equal(subject, BusLayout.EventSubject(site, camera, type));

    private static StringContent JsonContentOf(object body) => new(JsonSerializer.Serialize(body, JsonSerializerOptions.Web), System.Text.Encoding.UTF8, "application/json");
}
