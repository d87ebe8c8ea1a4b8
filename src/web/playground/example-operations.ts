/** What the page opens with, one tab each. They run as they are; all but the first for somebody who is signed in. */
export const EXAMPLE_OPERATIONS: readonly { query: string; variables?: string }[] = [
  {
    query: `# Ctrl+Enter runs it.
# The other tabs need a sign-in.
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
    query: `# You, and who you know.
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
    query: `# Friends' thoughts, sealed:
# who and when, never what.
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
    query: `# User names that begin so.
query FindUsers($search: ShortText) {
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
    query: `# Be found by e-mail no longer.
# To be found, send a hash.
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
    query: `# Stays open: a friend's thought
# appears here as it is written.
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
