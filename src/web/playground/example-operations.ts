/** What the page opens with: one tab each. They run as they are; only the first needs nobody signed in. */
export const EXAMPLE_OPERATIONS: readonly { query: string; variables?: string }[] = [
  {
    query: `# Run this with Ctrl+Enter. It needs nobody signed in.
# The other tabs do: use the panel on the left.
query ThisRelay {
  relay {
    softwareVersion
    protocolVersion
    time
    limits {
      maxFriends
      accessTokenSeconds
    }
  }
}
`,
  },
  {
    query: `# You, your open sessions and your friends.
query Viewer {
  viewer {
    user {
      id
      username
      createdAt
    }
    sessions {
      deviceName
      refreshedAt
      current
    }
    friends(first: 10) {
      nodes {
        state
        peer {
          username
        }
      }
    }
    head {
      seq
      epoch
    }
  }
}
`,
  },
  {
    query: `# Your friends' thoughts, newest first. The relay holds them sealed,
# so this page shows who wrote and when, and never what.
query Feed {
  feed(first: 10) {
    nodes {
      author {
        username
      }
      seq
      receivedAt
      withdrawn
      sealedText
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  },
  {
    query: `query FindUsers($search: ShortText) {
  users(search: $search, first: 10) {
    nodes {
      id
      username
      createdAt
      friendship {
        state
      }
    }
  }
}
`,
    variables: `{
  "search": "a"
}
`,
  },
  {
    query: `# Be found by your e-mail address, or no longer: null.
# The relay keeps a keyed hash of it, never the address.
mutation SetEmail($input: SetEmailInput!) {
  setEmail(input: $input) {
    __typename
    ... on EmailSet {
      listedByEmail
    }
    ... on Refusal {
      code
      message
    }
  }
}
`,
    variables: `{
  "input": {
    "email": null
  }
}
`,
  },
  {
    query: `# Stays open: what a friend writes appears at once, sealed.
subscription NewThoughts {
  thoughtCreated {
    author {
      username
    }
    seq
    receivedAt
    sealedText
  }
}
`,
  },
];
