using System.Text.Json;
using System.Text.Json.Nodes;

namespace Vms.Control.Data;

/// <summary>JSON merge patch (RFC 7396 §2): absent keeps, null clears.</summary>
internal static class MergePatch
{
    /// <summary>What a request is after the patch: the value as it is shown, changed by it.</summary>
    /// <exception cref="JsonException">The patch is no object, or a member has the wrong type.</exception>
    public static T Of<T>(T current, JsonElement patch) => To<T>(JsonSerializer.SerializeToNode(current, JsonSerializerOptions.Web), patch);

    /// <exception cref="JsonException">The patch is no object, or a member has the wrong type.</exception>
    public static T To<T>(JsonNode? current, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
            throw new JsonException("Expected a JSON object", "$", null, null);
        return Merge(current, patch).Deserialize<T>(JsonSerializerOptions.Web)!;
    }

    private static JsonNode? Merge(JsonNode? target, JsonElement patch)
    {
        if (patch.ValueKind != JsonValueKind.Object)
            return JsonSerializer.SerializeToNode(patch);
        var result = target as JsonObject ?? [];
        foreach (var member in patch.EnumerateObject())
        {
            var existing = result[member.Name];
            result.Remove(member.Name);
            if (member.Value.ValueKind != JsonValueKind.Null)
                result[member.Name] = Merge(existing, member.Value);
        }

        return result;
    }
}
